import TestSupport
import Testing

extension Scenarios {
    /// Which endpoint the next attempt goes to.
    @Suite(
        .scenario(
            """
            listeners: [{ name: public, address: "127.0.0.1:0" }]
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /both } }
                    retry: { attempts: 2, retryOn: [unavailable, 5xx] }
                    service: both
            services:
              - { name: both, endpoints: [{well}, {ill}], loadBalancing: random }
            """, backends: ["well", "ill"])
    ) struct RetryElsewhereTests {
        @Test(
            "The endpoint that has just failed is not asked again while there is another",
            arguments: ["503 No", "200 OK\r\nContent-Type: application/grpc\r\ngrpc-status: 14"])
        func elsewhere(failure: String) throws {
            let scenario = try Scenario.current
            let well = "HTTP/1.1 200 OK\r\ngrpc-status: 0\r\nContent-Length: 0\r\n\r\n"
            try scenario.backend("well").on("/both", answer: well)
            // Over with its head: its connection is back in the pool before it is looked at.
            try scenario.backend("ill").on(
                "/both", answer: "HTTP/1.1 \(failure)\r\nContent-Length: 0\r\n\r\n")
            for _ in 0..<40 {
                let answer = try scenario.ask(
                    "/both", method: "POST", fields: "Content-Type: application/grpc\r\n", body: "12345")
                #expect(answer["grpc-status"] == "0")
            }
        }
    }
}
