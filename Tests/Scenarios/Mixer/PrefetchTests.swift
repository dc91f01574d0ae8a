import TestSupport
import Testing

extension Scenarios {
    /// Quotas that are asked for ahead, with the adapters that count them.
    @Suite struct PrefetchTests {
        private func proxy(_ handler: String) throws -> ProxyProcess {
            try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ directResponse: { status: 200 } }] }]
                mixer:
                  handlers: [{ name: amounts, timeout: 20s, \(handler) }]
                  instances: [{ name: hits, template: quota, params: { prefetch: 3 } }]
                  rules:
                    - match: request.path == "/a"
                      actions: [{ handler: amounts, instances: [hits] }]
                    - match: request.path == "/b"
                      actions: [{ handler: amounts, instances: [hits] }]
                """)
        }

        /// Each of the two rules keeps what it was given; the handler sees one amount.
        private func verify(_ proxy: ProxyProcess) throws {
            #expect(try proxy.ask("/a").status == 200)
            // Four of five are taken: there is one for the other rule, though only one request has been made.
            #expect(try proxy.ask("/b").status == 200)
            #expect(try proxy.ask("/b").status == 429)
            for _ in 1...3 { #expect(try proxy.ask("/a").status == 200) }
            #expect(try proxy.ask("/a").status == 429)
        }

        @Test("What memquota grants ahead is given out, and no more than the amount in all")
        func memory() throws {
            try self.verify(
                try self.proxy("adapter: memquota, config: { quotas: [{ name: hits, max: 5, per: 10m }] }"))
        }

        @Test("What redisquota grants ahead is given out without another question")
        func redis() throws {
            let redis = try RedisServer(names: ["localhost"])
            let proxy = try self.proxy(
                """
                adapter: redisquota, config: { address: "127.0.0.1:\(redis.port)", timeout: 20s, \
                quotas: [{ name: hits, max: 5, per: 10m }] }
                """)
            try self.verify(proxy)
            // Seven requests: one question each of /a and /b, and one each of those that were refused.
            let stats = try redis.ask(["info", "commandstats"])
            let scripts = stats.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("cmdstat_eval") }
            let calls = scripts.compactMap { line in
                line.split(separator: ",").first?.split(separator: "=").last.flatMap { Int($0) }
            }
            // The first is EVALSHA, which Redis does not know yet, and then EVAL.
            #expect(calls.reduce(0, +) == 5, "\(stats)")
        }
    }
}
