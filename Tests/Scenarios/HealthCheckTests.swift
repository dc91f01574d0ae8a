import Primitives
import TestSupport
import Testing

extension Scenarios {
    /// Endpoints that are asked whether they are well.
    @Suite(
        .scenario(
            """
            workers: 2
            listeners:
              - { name: public, address: "127.0.0.1:0" }
            routes:
              - { name: all, rules: [{ service: pair }] }
            services:
              - name: pair
                endpoints: [{one}, {two}]
                healthCheck: { path: /healthz, interval: 20ms, healthyThreshold: 2, unhealthyThreshold: 2 }
            """, backends: ["one", "two"])
    ) struct HealthCheckTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        private func health(_ backend: RawBackend, _ status: Int) {
            backend.on("/healthz", answer: "HTTP/1.1 \(status) Whatever\r\nContent-Length: 0\r\n\r\n")
        }

        private func clusters() throws -> String { try self.scenario.proxy.admin("/clusters").text }

        /// Who has answered a number of requests.
        private func answers() throws -> Set<String> {
            Set(try (0..<8).map { _ in try self.scenario.ask("/who").text })
        }

        @Test("One that fails its checks gets no requests until it is well again, and all is shown")
        func checks() throws {
            let (one, two) = (try self.scenario.backend("one"), try self.scenario.backend("two"))
            self.health(one, 200)
            self.health(two, 200)
            try #expect(eventually { try self.answers() == ["one", "two"] })
            self.health(two, 500)
            try #expect(
                eventually { try self.clusters().contains("\(two.address)::health_flags::/failed_active_hc") }
            )
            try #expect(eventually { try self.answers() == ["one"] })
            #expect(
                try self.scenario.proxy.metric("postern_health_unhealthy_endpoints{service=\"pair\"}") == 1)
            #expect(try self.scenario.proxy.sum("postern_health_checks_total", ["result": "failure"]) >= 2)
            self.health(two, 204)
            try #expect(eventually { try self.answers() == ["one", "two"] })
            #expect(try self.clusters().contains("\(two.address)::health_flags::healthy"))
        }
    }
}
