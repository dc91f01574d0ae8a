import TestSupport
import Testing

extension Scenarios {
    /// Four scripts that write down when they were called, at the listener, the route and the rule.
    @Suite(
        .scenario(
            Order.configuration,
            files: Order.scripts, versions: HTTPVersion.allCases)
    )
    struct FilterOrderTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
            _ = self.backend.takeRequests()
        }

        /// Calls of every script in a phase so far, in the order a, b, c, d.
        private func calls(_ phase: String, of metric: String = "calls") throws -> [Int] {
            try ["a", "b", "c", "d"].map {
                let series = "postern_filter_\(metric)_total{filter=\"\($0)\",phase=\"\(phase)\"}"
                return Int(try self.scenario.proxy.metric(series) ?? 0)
            }
        }

        /// Expects that `body` makes the scripts' counters in a phase grow so.
        private func expectGrowth(
            _ growth: [Int], in phase: String, of metric: String = "calls", _ body: () throws -> Void
        ) throws {
            let before = try self.calls(phase, of: metric)
            try body()
            let after = zip(before, growth).map { $0 + $1 }
            // A client may have its response before the worker has counted.
            try eventually { try self.calls(phase, of: metric) == after }
            #expect(try self.calls(phase, of: metric) == after, "\(metric) in \(phase)")
        }

        @Test("Requests pass listener, route and rule in the order of the file, responses in reverse")
        func order() throws {
            let response = try self.scenario.ask("/order")
            #expect(response.all("x-order") == ["d", "c", "b", "a"])
            #expect(self.backend.takeRequests().first?.all("x-order") == ["a", "b", "c", "d"])
        }

        @Test(
            "A filter's own answer passes the responses of those that saw the request, and no others",
            arguments: ["a", "b", "c", "d"])
        func localReply(from name: String) throws {
            let passes = Array(["d", "c", "b", "a"].drop { $0 != name })
            let saw = ["a", "b", "c", "d"].map { passes.contains($0) ? 1 : 0 }
            try self.expectGrowth(saw, in: "complete") {
                let response = try self.scenario.ask("/stop-\(name)")
                #expect(response.status == 418)
                #expect(response.all("x-order") == passes)
            }
            #expect(self.backend.takeRequests().isEmpty)
        }

        @Test("A failure of a request's filter answers 500 through those that saw it, counted at its own")
        func failingRequest() throws {
            try self.expectGrowth([0, 1, 0, 0], in: "request_head", of: "errors") {
                let response = try self.scenario.ask("/fail-request-b")
                #expect(response.status == 500)
                #expect(response.all("x-order").last == "a")
            }
            #expect(
                self.scenario.proxy.accessLog("/fail-request-b").map(\.response_code_details) == ["lua_error"]
            )
        }

        @Test(
            "A failure of a response's filter answers 500, counted at its own, and complete still comes once")
        func failingResponse() throws {
            try self.expectGrowth([0, 0, 1, 0], in: "response_head", of: "errors") {
                try self.expectGrowth([1, 1, 1, 1], in: "complete") {
                    let response = try self.scenario.ask("/fail-response-c")
                    #expect(response.status == 500)
                }
            }
        }

        @Test("Every phase is counted exactly, on kept connections too")
        func exactCounts() throws {
            let all = [50, 50, 50, 50]
            try self.expectGrowth(all, in: "request_head") {
                try self.expectGrowth(all, in: "complete") {
                    let client = try self.scenario.proxy.connect()
                    for _ in 1...50 { try client.send("GET /count HTTP/1.1\r\nHost: a\r\n\r\n") }
                    let statuses = try (1...50).map { _ in try client.readResponse().status }
                    #expect(Set(statuses) == [200])
                }
            }
        }
    }
}

private enum Order {
    static let configuration = """
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters: [{ lua: "{folder}/a.lua" }, { lua: "{folder}/b.lua" }]
        routes:
          - name: all
            filters: [{ lua: "{folder}/c.lua" }]
            rules: [{ service: backend, filters: [{ lua: "{folder}/d.lua" }] }]
        services:
          - { name: backend, endpoints: [{backend}] }
        """

    static let scripts = Dictionary(
        uniqueKeysWithValues: ["a", "b", "c", "d"].map { ("\($0).lua", Self.script($0)) })

    /// Answers by itself on `/stop-NAME`; fails in a phase on `/fail-PHASE-NAME`.
    static func script(_ name: String) -> String {
        """
        function on_request(handle)
          local headers = handle:headers()
          headers:add("x-order", "\(name)")
          local path = headers:get(":path")
          if path == "/stop-\(name)" then handle:respond({ [":status"] = 418 }, "stopped") end
          if path == "/fail-request-\(name)" then error("on purpose") end
        end
        function on_response(handle)
          handle:headers():add("x-order", "\(name)")
          local path = handle:streamInfo():attribute("request.path")
          if path == "/fail-response-\(name)" then error("on purpose") end
        end
        function on_complete(handle) end
        """
    }
}
