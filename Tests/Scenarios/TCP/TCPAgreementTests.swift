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

        /// A listener that ends TLS, and one for whom certificates are checked.
        private func gateway(_ files: TestCertificates, _ listeners: String, _ rules: String) throws
            -> ProxyProcess
        {
            let pair = "{ certificate: \(files.path("a.pem")), key: \(files.path("a.key")) }"
            let require = "clientAuthentication: { mode: require, trustedCA: \(files.path("ca.pem")) }"
            return try ProxyProcess(
                listeners.replacing("{pair}", with: "certificates: [\(pair)]").replacing(
                    "{require}", with: require)
                    + "\n" + rules)
        }

        @Test("Rules see the protocol that was agreed on, and the name in lower case, where TLS ends")
        func rules() throws {
            let files = try TestCertificates()
            try files.add("a", names: ["DNS:a.example"])
            let backends = (try RawBackend("chosen"), try RawBackend("other"))
            for backend in [backends.0, backends.1] {
                let name = backend.name
                backend.onConnection { connection in
                    _ = try connection.readSome()
                    try connection.send(name)
                    connection.socket.endWriting()
                }
            }
            let proxy = try self.gateway(
                files,
                """
                listeners:
                  - name: agreed
                    address: "127.0.0.1:0"
                    protocol: tcp
                    tls: { {pair}, alpn: [postgresql] }
                  - { name: named, address: "127.0.0.2:0", protocol: tcp, tls: { {pair} } }
                """,
                """
                tcpRoutes:
                  - name: agreed
                    listeners: [agreed]
                    rules: [{ match: { alpn: postgresql }, service: chosen }, { service: other }]
                  - name: named
                    listeners: [named]
                    rules: [{ match: { sni: a.example }, service: chosen }, { service: other }]
                services:
                  - { name: chosen, endpoints: ["\(backends.0.address)"] }
                  - { name: other, endpoints: ["\(backends.1.address)"] }
                """)
            func said(_ listener: String, _ arguments: [String], host: String = "a.example") throws -> String
            {
                let clients = TLSClients(files: files, address: try #require(proxy.listeners[listener]))
                let output = try clients.openssl(["-quiet"] + arguments, host: host).output
                return output.contains("chosen") ? "chosen" : output.contains("other") ? "other" : output
            }
            #expect(try said("agreed", ["-alpn", "h2,postgresql"]) == "chosen")
            #expect(try said("agreed", []) == "other")
            #expect(try said("named", [], host: "A.Example") == "chosen")
            #expect(proxy.accessLog { $0.requested_server_name == "a.example" } != nil)
            #expect(try said("named", [], host: "b.example") == "other")
        }

        @Test("Who must show a certificate is not served in plain text on a port for everything")
        func plainText() throws {
            let files = try TestCertificates()
            try files.add("a", names: ["DNS:a.example"])
            let proxy = try self.gateway(
                files,
                """
                listeners:
                  - { name: strict, address: "127.0.0.1:0", protocol: auto, tls: { {pair}, {require} } }
                  - { name: lenient, address: "127.0.0.2:0", protocol: auto, tls: { {pair} } }
                """, "routes: [{ name: all, rules: [{ directResponse: { body: page } }] }]")
            #expect(try proxy.ask("/", listener: "lenient").text == "page")
            for text in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "hello\n"] {
                let client = try proxy.connect("strict")
                try client.send(text)
                #expect((try? client.isAtEnd()) ?? true)
            }
            #expect(proxy.accessLog(details: "tls_required")?.response_flags == "DPE")
        }

        @Test("A client in the middle of a handshake does not outlive its listener")
        func removed() throws {
            let files = try TestCertificates()
            try files.add("a", names: ["DNS:a.example"])
            let backend = try RawBackend()
            backend.onConnection { connection in
                _ = try connection.readSome()
                connection.socket.endWriting()
            }
            func configuration(_ names: [String]) -> String {
                let pair = "{ certificate: \(files.path("a.pem")), key: \(files.path("a.key")) }"
                let listeners = names.enumerated().map { index, name in
                    "  - { name: \(name), address: \"127.0.0.\(index + 1):0\", protocol: tcp, "
                        + "timeouts: { header: 10m }, tls: { certificates: [\(pair)] } }\n"
                }
                return "listeners:\n\(listeners.joined())"
                    + "tcpRoutes: [{ name: all, rules: [{ service: backend }] }]\n"
                    + "services: [{ name: backend, endpoints: [\"\(backend.address)\"] }]\n"
            }
            let proxy = try ProxyProcess(configuration(["first", "last"]))
            let waiting = try proxy.connect("last")
            #expect(try proxy.reload { try proxy.configure(configuration(["first"])) })
            // Its handshake would have had a place in rules that are gone.
            #expect(try waiting.isAtEnd())
            let clients = TLSClients(files: files, address: try #require(proxy.listeners["first"]))
            #expect(try clients.openssl().output.contains("Verify return code: 0"))
        }
    }
}
