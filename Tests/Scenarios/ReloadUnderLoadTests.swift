import Foundation
import Synchronization
import TestSupport
import Testing

extension Scenarios {
    /// Reloads and plugin swaps while clients keep asking.
    @Suite struct ReloadUnderLoadTests {
        private static let reloads = 200
        private static let swaps = 50
        /// Three clients that wait for each response, and two that write 8 requests at once.
        private static let depths = [1, 1, 1, 8, 8]

        private static func configuration(
            _ backend: RawBackend, _ plugin: CompiledPlugin, _ version: Int
        ) -> String {
            """
            plugins: { path: ["\(plugin.folder)", "\(Binaries.pluginFolder)"] }
            listeners:
              - name: public
                address: "127.0.0.1:0"
                filters:
                  - plugin: test
                  - { plugin: rate-limit, name: all, config: { requests: 9000000, per: 24h } }
            routes:
              - name: all
                rules:
                  - match: { path: { prefix: /limited } }
                    filters: [{ plugin: rate-limit, config: { requests: 2, per: 24h } }]
                    service: backend
                  - responseHeaders: { set: { x-version: "\(version)" } }
                    service: backend
            services: [{ name: backend, endpoints: ["\(backend.address)"] }]
            """
        }

        @Test("200 reloads and 50 swaps of a plugin fail no request, reset no connection and leak nothing")
        func load() throws {
            let backend = try RawBackend()
            let plugin = try CompiledPlugin("TestPlugins/marked.c")
            let contents = try plugin.contents
            let proxy = try ProxyProcess(
                Self.configuration(backend, plugin, 0), workers: 2, logLevel: "warning")
            #expect(try (1...3).map { _ in try proxy.ask("/limited").status } == [200, 200, 429])

            let order = Order(clients: Self.depths.count)
            let address = try #require(proxy.listeners["public"])
            let load = try LoadGenerator(address, depths: Self.depths) { order.check($0, $1) }
            #expect(eventually { load.answered > 500 })

            // Warm: every path of a reload has been taken, every client has its connection to the service.
            for version in 1...20 { try self.reload(proxy, backend, plugin, version) }
            let before = proxy.residentKibibytes
            for version in 21...(20 + Self.reloads / 2) {
                try self.reload(proxy, backend, plugin, version)
                #expect(try proxy.reload())
            }
            let reloaded = proxy.residentKibibytes
            for generation in 1...Self.swaps {
                let mark = Self.mark(generation)
                let isInForce = try proxy.reload {
                    try plugin.replace(with: contents.replacing(Self.mark(0), with: mark))
                }
                #expect(isInForce)
                #expect(try proxy.ask("/").fields.contains("x-generation: \(mark)"))
            }
            let swapped = proxy.residentKibibytes
            let last = load.answered
            #expect(eventually { load.answered > last + 500 })

            let result = load.stop()
            #expect(result.failures == [])
            #expect(order.versions == Set([20 + Self.reloads / 2]))
            #expect(order.generations == Set([Self.mark(Self.swaps)]))
            #expect(try proxy.ask("/limited").status == 429, "the buckets are those of before")
            #expect(backend.connections.allSatisfy { !$0.isOver }, "no connection to the service was closed")
            #expect(backend.connections.count <= Self.depths.count + 2 * 2)

            // A reload costs nothing that stays; the allowance is the allocator's own.
            let figures = "reloads: \(reloaded - before) KiB, swaps: \(swapped - reloaded) KiB"
            print("\(figures), \(result.answered) requests")
            #expect(reloaded - before < 2048)
            #expect(swapped - reloaded < Self.swaps * 512)
            #expect(proxy.stop() == .exited(0))
        }

        private func reload(
            _ proxy: ProxyProcess, _ backend: RawBackend, _ plugin: CompiledPlugin, _ version: Int
        ) throws {
            #expect(try proxy.reload { try proxy.configure(Self.configuration(backend, plugin, version)) })
        }

        /// As long as what the plugin was compiled with.
        private static func mark(_ generation: Int) -> String {
            let digits = "\(generation)"
            return "generation-\(String(repeating: "0", count: 5 - digits.count))\(digits)"
        }
    }
}

/// Whether each client has seen configurations and plugins in the order in which they came into force.
private final class Order: Sendable {
    private let seen: Mutex<[(version: Int, generation: String)]>

    init(clients: Int) { self.seen = Mutex(Array(repeating: (0, ""), count: clients)) }

    var versions: Set<Int> { Set(self.seen.withLock { $0 }.map(\.version)) }
    var generations: Set<String> { Set(self.seen.withLock { $0 }.map(\.generation)) }

    func check(_ client: Int, _ response: RawMessage) -> String? {
        guard let version = response["x-version"].flatMap({ Int($0) }), response.text == "backend" else {
            return "not the service's answer: \(response.startLine) \(response.fields)"
        }
        let generation = response["x-generation"] ?? ""
        return self.seen.withLock { seen in
            defer { seen[client] = (version, generation) }
            guard version >= seen[client].version, generation >= seen[client].generation else {
                return "after \(seen[client]) came \((version, generation))"
            }
            return nil
        }
    }
}
