import GatewayConfig
import Primitives
import Routing
import Testing

@Suite struct TCPRouteTableTests {
    private let table: TCPRouteTable
    /// By the rule's number.
    private let services: [String]

    init() throws {
        let text = """
            version: 1
            listeners:
              - { name: data, address: "127.0.0.1:1", protocol: tcp }
              - { name: other, address: "127.0.0.1:2", protocol: tcp }
              - { name: mixed, address: "127.0.0.1:3", protocol: auto }
              - { name: web, address: "127.0.0.1:4" }
            routes: [{ name: web, listeners: [web], rules: [{ service: rest }] }]
            tcpRoutes:
              - name: one
                listeners: [data]
                rules:
                  - { match: { sni: a.example.com, alpn: [h2, postgresql] }, service: both }
                  - { match: { sni: [a.example.com, b.example.com] }, service: exact }
                  - { match: { sni: "*.example.com" }, service: below }
                  - { match: { sni: "*" }, service: named }
                  - { match: { alpn: h2 }, service: offered }
              - name: two
                rules:
                  - { match: { sourceAddresses: [10.0.0.0/8, "2001:db8::/32"] }, service: near }
              - name: three
                listeners: [mixed]
                rules: [{ service: rest }]
            services:
              - { name: both, endpoints: [127.0.0.1:9] }
              - { name: exact, endpoints: [127.0.0.1:9] }
              - { name: below, endpoints: [127.0.0.1:9] }
              - { name: named, endpoints: [127.0.0.1:9] }
              - { name: offered, endpoints: [127.0.0.1:9] }
              - { name: near, endpoints: [127.0.0.1:9] }
              - { name: rest, endpoints: [127.0.0.1:9] }
            """
        guard
            case .loaded(let loaded) = GatewayConfiguration.read(
                Array(text.utf8), fileName: "a.yaml", directory: "")
        else { throw CancellationError() }
        self.table = TCPRouteTable(
            routes: loaded.configuration.tcpRoutes, listeners: loaded.configuration.listeners)
        self.services = loaded.configuration.tcpRoutes.flatMap(\.rules).map { $0.services[0].service }
    }

    private func service(
        _ listener: Int, name: String = "", protocols: [String] = [], from source: String? = nil
    ) -> String? {
        let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let rule = name.withByteView { name in
            list.withByteView { list in
                self.table.rule(
                    listener: listener,
                    TCPRequestFacts(
                        serverName: name, protocolList: list,
                        source: source.flatMap { $0.withByteView { IPAddress($0) } }))
            }
        }
        return rule.map { self.services[$0] }
    }

    @Test("The first rule wins whose conditions all hold")
    func order() {
        #expect(self.service(0, name: "a.example.com", protocols: ["http/1.1", "postgresql"]) == "both")
        #expect(self.service(0, name: "a.example.com") == "exact")
        #expect(self.service(0, name: "b.example.com", protocols: ["h2"]) == "exact")
        #expect(self.service(0, name: "c.example.com") == "below")
        #expect(self.service(0, name: "c.d.example.com") == "below")
        #expect(self.service(0, name: "example.com") == "named")
        #expect(self.service(0, name: "xexample.com") == "named")
        #expect(self.service(0, protocols: ["h2"]) == "offered")
        #expect(self.service(0, protocols: ["h2c", "h"]) == nil)
        #expect(self.service(0) == nil)
    }

    @Test("A route serves its listeners, or every one that takes TCP")
    func listeners() {
        #expect(self.service(1, name: "a.example.com") == nil)
        #expect(self.service(1, from: "10.1.2.3") == "near")
        #expect(self.service(1, from: "::ffff:10.1.2.3") == "near")
        #expect(self.service(1, from: "2001:db8::1") == "near")
        #expect(self.service(1, from: "11.1.2.3") == nil)
        #expect(self.service(2, from: "10.1.2.3") == "near")
        #expect(self.service(2, from: "11.1.2.3") == "rest")
        #expect(self.service(2) == "rest")
        #expect(!self.table.serves(listener: 3))
        #expect(self.service(3) == nil)
    }

    @Test("Only where a rule asks for it is a ClientHello needed")
    func hello() {
        #expect(self.table.needsClientHello(listener: 0))
        #expect(!self.table.needsClientHello(listener: 1))
        #expect(!self.table.needsClientHello(listener: 2))
    }
}
