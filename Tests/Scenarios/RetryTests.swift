import Primitives
import TestSupport
import Testing

extension Scenarios {
    /// Requests that are sent again because their rule says so.
    @Suite(
        .scenario(
            rules: """
                - match: { path: { prefix: /status } }
                  retry: { attempts: 3, retryOn: [5xx, retriable-4xx] }
                  service: backend
                - { match: { path: { prefix: /reset } }, retry: { retryOn: [reset] }, service: backend }
                - match: { path: { prefix: /slow } }
                  retry: { perTryTimeout: 100ms, retryOn: [gateway-error] }
                  service: backend
                - match: { path: { prefix: /grpc } }
                  retry: { retryOn: [unavailable] }
                  service: backend
                """)
    ) struct RetryTests {
        let scenario: Scenario
        let backend: RawBackend

        init() throws {
            self.scenario = try Scenario.current
            self.backend = try self.scenario.backend()
        }

        /// Answers the first requests for `path` otherwise; what all of them were is kept.
        private func stumble(
            _ path: String, times: Int, _ fail: @escaping @Sendable (RawConnection) throws -> Bool
        ) -> Seen {
            let seen = Seen()
            self.backend.on(path) { connection, head in
                let request = try connection.finish(head)
                if seen.add(request) <= times { return try fail(connection) }
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell")
                return true
            }
            return seen
        }

        @Test("A status is tried again with the same head and body", arguments: [500, 503, 409])
        func status(status: Int) throws {
            let path = "/status/\(status)"
            let seen = self.stumble(path, times: 2) {
                try $0.send("HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno")
                return true
            }
            let body = String(repeating: "b", count: 50_000)
            let response = try self.scenario.ask(path, method: "POST", fields: "X-Own: yes\r\n", body: body)
            #expect(response.status == 200)
            #expect(response.text == "well")
            #expect(seen.requests.map(\.text) == [body, body, body])
            #expect(seen.requests.allSatisfy { $0["x-own"] == "yes" })
            let entry = try #require(self.scenario.proxy.accessLog(path).first)
            #expect(entry.upstream_request_attempt_count == 3)
            #expect(entry.response_flags == "-")
        }

        @Test("When no attempt is left, the client gets the last response, and the record says so")
        func exhausted() throws {
            let seen = self.stumble("/status/always", times: 9) {
                try $0.send("HTTP/1.1 502 No\r\nContent-Length: 2\r\n\r\nno")
                return true
            }
            let response = try self.scenario.ask("/status/always")
            #expect(response.status == 502)
            #expect(response.text == "no")
            #expect(seen.requests.count == 3)
            #expect(
                try #require(self.scenario.proxy.accessLog("/status/always").first).response_flags == "URX")
        }

        @Test("Other statuses, rules without it, and bodies over 64 KiB are sent once")
        func once() throws {
            let answer: @Sendable (RawConnection) throws -> Bool = {
                try $0.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            let plain = self.stumble("/plain", times: 9, answer)
            #expect(try self.scenario.ask("/plain").status == 503)
            #expect(plain.requests.count == 1)
            let large = self.stumble("/status/large", times: 9, answer)
            let body = String(repeating: "b", count: 70_000)
            #expect(try self.scenario.ask("/status/large", method: "POST", body: body).status == 503)
            #expect(large.requests.count == 1)
            let other = self.stumble("/status/404", times: 9) {
                try $0.send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            #expect(try self.scenario.ask("/status/404").status == 404)
            #expect(other.requests.count == 1)
        }

        @Test("A connection that ends without a response is tried again, with the body of a POST")
        func reset() throws {
            let seen = self.stumble("/reset/one", times: 1) { _ in false }
            #expect(try self.scenario.ask("/reset/one", method: "POST", body: "body").text == "well")
            #expect(seen.requests.map(\.text) == ["body", "body"])
        }

        @Test("A response that has begun is never tried again")
        func begun() throws {
            let seen = self.stumble("/reset/begun", times: 9) {
                try $0.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                return false
            }
            let client = try self.scenario.proxy.connect()
            try client.send("GET /reset/begun HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readHead().status == 200)
            #expect(throws: WireError.self) { _ = try client.read(10) }
            #expect(seen.requests.count == 1)
        }

        @Test("An attempt that takes too long is given up for another; the last one is a 504")
        func slow() throws {
            let hang: @Sendable (RawConnection) throws -> Bool = {
                _ = try $0.readToEnd()
                return false
            }
            let once = self.stumble("/slow/once", times: 1, hang)
            #expect(try self.scenario.ask("/slow/once", method: "POST", body: "body").text == "well")
            #expect(once.requests.count == 2)
            let always = self.stumble("/slow/always", times: 9, hang)
            #expect(try self.scenario.ask("/slow/always").status == 504)
            #expect(always.requests.count == 2)
            let entry = try #require(self.scenario.proxy.accessLog("/slow/always").first)
            #expect(entry.response_code_details == "per_try_timeout")
        }

        @Test("A gRPC status in a response without a message is tried again, one that is not named is not")
        func grpc() throws {
            for (status, attempts) in [(14, 2), (5, 1)] {
                let path = "/grpc/\(status)"
                let seen = self.stumble(path, times: 1) {
                    try $0.send("HTTP/1.1 200 OK\r\ngrpc-status: \(status)\r\nContent-Length: 0\r\n\r\n")
                    return true
                }
                _ = try self.scenario.ask(
                    path, method: "POST", fields: "Content-Type: application/grpc\r\n", body: "12345")
                #expect(seen.requests.count == attempts, "\(status)")
            }
        }

        @Test("A client that leaves between two attempts ends them")
        func leaves() throws {
            let seen = self.stumble("/slow/left", times: 9) {
                _ = try $0.readToEnd()
                return false
            }
            let client = try self.scenario.proxy.connect()
            try client.send("GET /slow/left HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { seen.requests.count == 1 })
            client.reset()
            let entry = try #require(self.scenario.proxy.accessLog("/slow/left").first)
            #expect(entry.response_flags.contains("DC"))
        }
    }

    /// Requests that a backend has got, on any of its threads.
    final class Seen: Sendable {
        private let all = Lock<[RawMessage]>([])

        var requests: [RawMessage] { self.all.withLock { $0 } }

        /// - Returns: How many there are now.
        func add(_ request: RawMessage) -> Int {
            self.all.withLock {
                $0.append(request)
                return $0.count
            }
        }
    }
}
