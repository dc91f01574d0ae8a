import TestSupport
import Testing

extension Scenarios {
    @Suite(.scenario(Scenarios.relay)) struct RequestStartTests {
        @Test("A request starts with its first byte, however long its head takes")
        func firstByte() throws {
            let scenario = try Scenario.current
            let slow = try scenario.proxy.connect()
            try slow.send("GET /slow HTTP/1.1\r\n")
            // Others come and go meanwhile, until the log's clock can tell them apart.
            var others: [String] = []
            #expect(
                try eventually {
                    _ = try scenario.ask("/other")
                    others = scenario.proxy.accessLog("/other", count: others.count + 1).map(\.start_time)
                    return Set(others).count > 1
                })
            try slow.send("Host: a\r\n\r\n")
            #expect(try slow.readResponse().status == 200)
            let start = try #require(scenario.proxy.accessLog("/slow").first?.start_time)
            // The format is such that texts compare as times do.
            #expect(start <= (others.first ?? ""))
        }
    }
}
