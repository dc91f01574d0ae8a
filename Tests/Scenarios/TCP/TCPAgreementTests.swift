import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// ALPN where bytes pass as they are: nobody knows what they are.
    @Suite struct TCPAgreementTests {
        @Test(
            "A service that TCP routes use is offered no protocol, whatever it speaks to requests",
            arguments: ["http1", "http2", "auto"])
        func services(version: String) throws {
            let (offered, silent) = (try RawBackend("offered"), try RawBackend("silent"))
            for backend in [offered, silent] {
                backend.onConnection { connection in _ = try connection.readSome() }
            }
            // The gateway is its own service: it knows what a ClientHello offers.
            let port = try freePort()
            let proxy = try ProxyProcess(
                """
                listeners:
                  - { name: public, address: "127.0.0.1:0", protocol: tcp }
                  - { name: web, address: "127.0.0.2:0" }
                  - { name: looks, address: "127.0.0.1:\(port)", protocol: tcp }
                tcpRoutes:
                  - { name: public, listeners: [public], rules: [{ service: secured }] }
                  - name: looks
                    listeners: [looks]
                    rules: [{ match: { alpn: [h2, http/1.1] }, service: offered }, { service: silent }]
                routes: [{ name: web, rules: [{ service: secured }] }]
                services:
                  - name: secured
                    endpoints: ["127.0.0.1:\(port)"]
                    protocol: \(version)
                    tls: { sni: a.example }
                  - { name: offered, endpoints: ["\(offered.address)"] }
                  - { name: silent, endpoints: ["\(silent.address)"] }
                """)
            let client = try proxy.connect()
            try client.send("hello")
            let isSilent = eventually { !silent.connections.isEmpty }
            #expect(isSilent, "\(proxy.log) \(proxy.accessLog { _ in true })")
            #expect(offered.connections.isEmpty)
            // A request is one, and says so.
            #expect(try proxy.ask("/", listener: "web").status == 503)
            #expect(!offered.connections.isEmpty)
        }

        @Test("A listener of bytes agrees on no protocol unless it says which")
        func listeners() throws {
            let files = try TestCertificates()
            try files.add("a", names: ["DNS:a.example"])
            let backend = try RawBackend()
            backend.onConnection { connection in
                try connection.send(connection.readSome())
                connection.socket.endWriting()
            }
            func agreed(_ keys: String) throws -> String {
                let pair = "{ certificate: \(files.path("a.pem")), key: \(files.path("a.key")) }"
                let proxy = try ProxyProcess(
                    """
                    listeners:
                      - name: public
                        address: "127.0.0.1:0"
                        protocol: tcp
                        tls: { certificates: [\(pair)]\(keys) }
                    tcpRoutes: [{ name: all, rules: [{ service: backend }] }]
                    services: [{ name: backend, endpoints: ["\(backend.address)"] }]
                    """)
                let clients = TLSClients(files: files, address: try #require(proxy.listeners["public"]))
                let said = try clients.openssl(["-alpn", "h2,postgresql"])
                #expect(said.isGood)
                return String(said.output.split(separator: "\n").first { $0.contains("ALPN") } ?? "")
            }
            #expect(try agreed("") == "No ALPN negotiated")
            #expect(try agreed(", alpn: [postgresql]") == "ALPN protocol: postgresql")
        }
    }
}
