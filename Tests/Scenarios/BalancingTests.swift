import TestSupport
import Testing

extension Scenarios {
    /// How requests are spread over the endpoints of a service.
    @Suite(
        .scenario(
            """
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - name: all
                rules:
                  - { match: { path: { prefix: /turns } }, service: turns }
                  - { match: { path: { prefix: /weights } }, service: weights }
                  - { match: { path: { prefix: /least } }, service: least }
                  - { match: { path: { prefix: /random } }, service: random }
            services:
              - { name: turns, endpoints: [{a}, {b}, {c}] }
              - name: weights
                endpoints: [{ address: {a}, weight: 5 }, { address: {b}, weight: 2 }, {c}]
              - { name: least, endpoints: [{a}, {b}], loadBalancing: leastRequest }
              - name: random
                endpoints: [{ address: {a}, weight: 3 }, {b}]
                loadBalancing: random
            """, backends: ["a", "b", "c"])
    ) struct BalancingTests {
        /// Who answers, in order.
        private func answers(_ path: String, _ count: Int) throws -> [String] {
            let client = try Scenario.current.proxy.connect()
            try client.send(String(repeating: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", count: count))
            return try (0..<count).map { _ in try client.readResponse().text }
        }

        @Test("Round robin takes each endpoint once a round")
        func turns() throws {
            let answers = try self.answers("/turns", 12)
            for start in stride(from: 0, to: 12, by: 3) {
                #expect(Set(answers[start..<start + 3]) == ["a", "b", "c"])
            }
        }

        @Test("Round robin with weights is exact over a cycle")
        func weights() throws {
            let answers = try self.answers("/weights", 16)
            #expect(["a", "b", "c"].map { name in answers.filter { $0 == name }.count } == [10, 4, 2])
        }

        @Test("Least request avoids the endpoint that is busy")
        func leastRequest() throws {
            let gate = Gate()
            for name in ["a", "b"] {
                try Scenario.current.backend(name).on("/least/held") { connection, _ in
                    try gate.wait()
                    try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(name)")
                    return true
                }
            }
            let held = try Scenario.current.proxy.connect()
            try held.send("GET /least/held HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = try self.answers("/least", 200)
            gate.open()
            let busy = try held.readResponse().text
            // Both draws fall on the busy one in a quarter of the cases; more than half of 200: below 10^-13.
            #expect(answers.filter { $0 == busy }.count < 100)
            #expect(Set(answers) == ["a", "b"])
        }

        @Test("Random follows the weights")
        func random() throws {
            let answers = try self.answers("/random", 400)
            // 300 expected; a deviation of 65 has a probability of 10^-13.
            #expect(abs(answers.filter { $0 == "a" }.count - 300) < 65)
        }
    }
}
