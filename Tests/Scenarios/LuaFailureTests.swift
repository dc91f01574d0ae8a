import TestSupport
import Testing

extension Scenarios {
    /// Scripts that fail, and what that does to requests.
    @Suite(.scenario(Failing.configuration, files: Failing.files, versions: HTTPVersion.allCases))
    struct LuaFailureTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        private func errors(_ filter: String, _ phase: String) throws -> Double {
            let series = "postern_filter_errors_total{filter=\"\(filter)\",phase=\"\(phase)\"}"
            return try self.scenario.proxy.metric(series) ?? 0
        }

        @Test("With onFailure: deny the client gets 500, and the log has file and line")
        func deny() throws {
            let response = try self.scenario.ask("/deny")
            #expect(response.status == 500)
            #expect(self.scenario.proxy.accessLog("/deny").map(\.response_code_details) == ["lua_error"])
            #expect(eventually { self.scenario.proxy.log.contains("fails.lua:3: on purpose") })
            #expect(try self.errors("denying", "request_head") == 1)
        }

        @Test("With onFailure: allow the request goes on, with the changes made before, and is counted")
        func allow() throws {
            let response = try self.scenario.ask("/allow")
            #expect(response.status == 200)
            let request = try #require(try self.scenario.backend().takeRequests().last)
            #expect(request["x-before"] == "1")
            #expect(request["x-after"] == nil)
            #expect(try self.errors("allowing", "request_head") == 1)
        }
    }
}

private enum Failing {
    static let files = [
        "fails.lua": """
        function on_request(handle)
          handle:headers():add("x-before", "1")
          error("on purpose")
        end
        """
    ]
    static let configuration = """
        listeners: [{ name: public, address: "127.0.0.1:0" }]
        routes:
          - name: all
            rules:
              - match: { path: { prefix: /deny } }
                filters: [{ lua: "{folder}/fails.lua", name: denying }]
                service: backend
              - match: { path: { prefix: /allow } }
                filters: [{ lua: "{folder}/fails.lua", name: allowing, onFailure: allow }]
                service: backend
        services: [{ name: backend, endpoints: [{backend}] }]
        """
}
