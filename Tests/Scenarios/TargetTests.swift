import TestSupport
import Testing

extension Scenarios {
    /// The forms of a request's target.
    @Suite(.scenario(Scenarios.relay)) struct TargetTests {
        /// What the service sees.
        private func seen(_ line: String, host: String) throws -> RawMessage {
            let scenario = try Scenario.current
            _ = try scenario.backend().takeRequests()
            let client = try scenario.proxy.connect()
            try client.send("\(line) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try client.readResponse(toHead: line.hasPrefix("HEAD")).status == 200)
            return try #require(scenario.backend().takeRequests().last)
        }

        @Test(
            "Scheme and authority of an absolute target are taken off",
            arguments: [
                ("http://a.example/x?y=/z", "/x?y=/z"), ("HTTP://A.example:80/", "/"),
                ("http://a.example", "/"), ("http://a.example?q", "/?q"),
            ])
        func absolute(target: String, path: String) throws {
            let request = try self.seen("GET \(target)", host: "a.example")
            #expect(request.target == path)
            #expect(request["host"]?.lowercased().hasPrefix("a.example") == true)
        }

        @Test("OPTIONS * passes, also written as an absolute target without a path")
        func options() throws {
            #expect(try self.seen("OPTIONS *", host: "a").startLine == "OPTIONS * HTTP/1.1")
            #expect(try self.seen("OPTIONS http://a", host: "a").startLine == "OPTIONS * HTTP/1.1")
        }

        @Test("Any method that is a token passes", arguments: ["PATCH", "PROPFIND", "M-SEARCH", "x!"])
        func methods(method: String) throws {
            #expect(try self.seen("\(method) /", host: "a").method == method)
        }

        @Test("CONNECT is refused where it is not allowed")
        func connectRefused() throws {
            let client = try Scenario.current.proxy.connect()
            try client.send("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nbytes")
            let response = try client.readResponse()
            #expect(response.status == 405)
            #expect(response.text == "Method Not Allowed: http1.connect_refused\n")
            #expect(try client.isAtEnd())
        }
    }
}
