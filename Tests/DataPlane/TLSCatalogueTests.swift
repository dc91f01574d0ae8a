internal import GatewayConfig
internal import Reactor
internal import TestSupport
internal import Testing

@testable internal import DataPlane

@Suite struct TLSCatalogueTests {
    @Test(
        "Clients cannot resume sessions where services are told of chains, also after a reload"
    )
    func chains() throws {
        let files = try TestCertificates()
        try files.add("a", names: ["DNS:a.example"])
        let catalogue = TLSCatalogue()
        func givesTickets(_ forwarding: String) throws -> Bool? {
            let text = """
                version: 1
                listeners:
                  - name: public
                    address: 127.0.0.1:0
                    forwardClientCertificate: \(forwarding)
                    tls:
                      certificates: [{ certificate: "\(files.path("a.pem"))", key: "\(files.path("a.key"))" }]
                      clientAuthentication: { mode: optional, trustedCA: "\(files.path("ca.pem"))" }
                routes: [{ name: all, rules: [{ directResponse: { status: 200 } }] }]
                """
            let read = GatewayConfiguration.read(Array(text.utf8), fileName: "a.yaml", directory: "/")
            guard case .loaded(let loaded) = read else {
                Issue.record("\(read)")
                return nil
            }
            let resolved = catalogue.resolve(loaded)
            #expect(resolved.problems.isEmpty)
            catalogue.adopt(resolved)
            return resolved.context(ofListener: "public")?.givesTickets
        }
        #expect(try givesTickets("set") == true)
        #expect(try givesTickets("{ policy: set, chain: true }") == false)
        #expect(try givesTickets("{ policy: append, chain: true }") == false)
        #expect(try givesTickets("{ policy: forward, chain: true }") == true)
        #expect(try givesTickets("{ policy: set, certificate: true }") == true)
    }
}
