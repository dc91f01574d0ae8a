import GatewayConfig
import Reactor
import Testing

@testable import Upstreams

@Suite struct TLSUseTests {
    private func name(_ host: String?, sni: String? = nil) throws -> String? {
        let service = ServiceConfiguration(name: "service", endpoints: [], tls: ServiceTLS(sni: sni))
        let context = try TLSClientContext(TLSParameters(), certificate: nil, verification: .none)
        let use = try #require(TLSUse(service, context))
        let address = try #require(SocketAddress(parsing: "127.0.0.1:80"))
        return use.name(
            of: Endpoint(
                EndpointList.Entry(key: "a", addresses: [address], weight: 1, hostName: host), slot: 0))
    }

    @Test("An endpoint is asked for by its name, without the dot at its end, or by the service's")
    func names() throws {
        #expect(try self.name("a.example") == "a.example")
        #expect(try self.name("a.example.") == "a.example")
        #expect(try self.name("a.example.", sni: "b.example") == "b.example")
        #expect(try self.name("a.example", sni: "b.example.") == "b.example")
        #expect(try self.name(nil) == nil)
    }
}
