import TestSupport
import Testing

extension Scenarios {
    /// What a gRPC client gets from the gateway itself, and what is said of its calls.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /refused } }
                    directResponse: { status: 403, body: "not 100%\\n", headers: { x-why: because } }
                  - { match: { path: { prefix: /moved } }, redirect: { host: b.example, status: 302 } }
                  - { match: { path: { prefix: /short } }, service: backend, timeout: 100ms }
                  - { match: { path: { prefix: /call } }, service: backend }
            services:
              - { name: backend, endpoints: [{backend}] }
            """)
    ) struct GRPCReplyTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        private func call(_ path: String, _ fields: String = "") throws -> RawMessage {
            try self.scenario.ask(
                path, method: "POST", fields: "Content-Type: application/grpc+proto\r\n\(fields)",
                body: "12345")
        }

        @Test("A refusal is a gRPC status in a 200 without a body; the body is the message")
        func refusal() throws {
            let response = try self.call("/refused/one")
            #expect(response.status == 200)
            #expect(response["content-type"] == "application/grpc")
            #expect(response["grpc-status"] == "7")
            #expect(response["grpc-message"] == "not 100%25%0A")
            #expect(response["x-why"] == "because")
            #expect(response.body.isEmpty)
            let entry = try #require(self.scenario.proxy.accessLog("/refused/one").first)
            #expect(entry.grpc_status == "PermissionDenied")
            #expect(entry.response_code == 200)
            #expect(
                try self.scenario.proxy.sum(
                    "istio_requests_total", ["request_protocol": "grpc", "grpc_response_status": "7"]) >= 1)
        }

        @Test("Without a route it is UNIMPLEMENTED, and a redirect is UNKNOWN")
        func others() throws {
            #expect(try self.call("/nowhere")["grpc-status"] == "12")
            #expect(try self.call("/moved")["grpc-status"] == "2")
        }

        @Test("Other clients get what they always got")
        func plain() throws {
            let response = try self.scenario.ask("/refused/two", method: "POST", body: "x")
            #expect(response.status == 403)
            #expect(response.text == "not 100%\n")
            #expect(response["grpc-status"] == nil)
            let entry = try #require(self.scenario.proxy.accessLog("/refused/two").first)
            #expect(entry.grpc_status == nil)
        }

        @Test("The client's grpc-timeout ends a call, unless the rule's time is shorter")
        func timeout() throws {
            let backend = try self.scenario.backend()
            for path in ["/call/silent", "/short/silent"] {
                backend.on(path) { connection, head in
                    #expect(head["grpc-timeout"] == (path == "/call/silent" ? "100m" : "100000u"))
                    _ = try connection.finish(head)
                    _ = try connection.readToEnd()
                    return false
                }
            }
            #expect(try self.call("/call/silent", "grpc-timeout: 100m\r\n")["grpc-status"] == "4")
            #expect(try self.call("/short/silent", "grpc-timeout: 1H\r\n")["grpc-status"] == "4")
        }

        @Test(
            "A grpc-timeout of ten thousand years is as good as none", arguments: ["99999999H", "5124095H"])
        func longTimeout(timeout: String) throws {
            try self.scenario.backend().on(
                "/call/\(timeout)", answer: "HTTP/1.1 200 OK\r\ngrpc-status: 0\r\nContent-Length: 0\r\n\r\n")
            #expect(try self.call("/call/\(timeout)", "grpc-timeout: \(timeout)\r\n")["grpc-status"] == "0")
        }
    }
}
