import Foundation
import TestSupport
import Testing

/// A real gateway whose backend goes away and comes back, and where every record is then.
@Suite(.ownThread) struct KilledBackendTests {
    enum Outage: String, CaseIterable { case killed, silent }

    private static func configuration(_ address: String, _ folder: TemporaryFolder) -> String {
        let handlers = ["spool", "drop"].map {
            """
                - name: \($0)
                  adapter: nats
                  onFull: \($0)
                  queue: 64KiB
                  batch: { interval: 20ms, records: 100 }
                  retry: { initial: 10ms, limit: 50ms }
                  config: { address: "\(address)", subject: "gateway.{instance}", timeout: 500ms }
            """
        }
        let instances = ["spool", "drop"].map {
            "    - { name: \($0), template: logentry, params: { variables: { path: request.path } } }"
        }
        return """
            listeners: [{ name: public, address: "127.0.0.1:0" }]
            routes: [{ name: all, rules: [{ directResponse: { body: hello } }] }]
            mixer:
              handlers:
            \(handlers[0])
                  spool: { path: "\(folder.file("spool").path)" }
            \(handlers[1])
              instances:
            \(instances.joined(separator: "\n"))
              rules:
                - actions: [{ handler: spool, instances: [spool] }, { handler: drop, instances: [drop] }]
            """
    }

    /// `count` requests on one connection, numbered from `first` on, each answered.
    private func ask(_ proxy: ProxyProcess, _ numbers: Range<Int>) throws {
        let client = try proxy.connect()
        for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 50) {
            let batch = first..<min(first + 50, numbers.upperBound)
            try client.send(batch.map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for _ in batch { #expect(try client.readResponse().status == 200) }
        }
    }

    private func lost(_ proxy: ProxyProcess, _ handler: String) throws -> Int {
        try proxy.sum("postern_mixer_records_lost_total", ["handler": handler])
    }

    /// Waits until every record is somewhere.
    private func settle(_ proxy: ProxyProcess, _ sent: Int) throws {
        for handler in ["spool", "drop"] {
            let isSettled = try eventually(within: 60) {
                let delivered = try proxy.sum("postern_mixer_records_delivered_total", ["handler": handler])
                return try delivered + self.lost(proxy, handler) >= sent
            }
            #expect(isSettled, "\(handler): \(proxy.log)")
        }
    }

    @Test(
        "With a spool all records arrive when the backend is back; without, the counters say how many do not",
        arguments: Outage.allCases)
    func counted(_ outage: Outage) throws {
        let server = try NatsServer()
        try server.create("LOGS", "gateway.>")
        let folder = try TemporaryFolder()
        let proxy = try ProxyProcess(Self.configuration(server.address, folder), folder: folder)
        try self.ask(proxy, 0..<300)
        if outage == .killed { server.stop() } else { server.pause(true) }
        try self.ask(proxy, 300..<4000)
        let isFull = try eventually { try self.lost(proxy, "drop") > 0 }
        #expect(isFull)
        if outage == .killed { try server.start() } else { server.pause(false) }
        try self.ask(proxy, 4000..<4300)
        try self.settle(proxy, 4300)

        var arrived: [String: Set<Int>] = [:]
        for message in try server.read("LOGS") {
            let path = (message["record"] as? [String: Any])?["path"] as? String
            let number = try #require(path.flatMap { Int($0.dropFirst()) })
            arrived[message["subject"] as? String ?? "", default: []].insert(number)
        }
        #expect(arrived["gateway.spool"] == Set(0..<4300))
        #expect(try self.lost(proxy, "spool") == 0)
        #expect(4300 - (arrived["gateway.drop"]?.count ?? 0) == (try self.lost(proxy, "drop")))
        #expect(arrived["gateway.drop"]?.isSubset(of: 0..<4300) == true)
        #expect(proxy.stop() == .exited(0))
    }
}
