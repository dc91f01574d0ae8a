import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// TLS towards services: openssl's server as the real peer.
    @Suite struct UpstreamTLSTests {
        private let files: TestCertificates

        init() throws {
            self.files = try TestCertificates()
            try self.files.add("a", names: ["DNS:a.example", "URI:spiffe://test/reviews"])
            try self.files.add("local", names: ["IP:127.0.0.1"])
            try self.files.add(
                "old", names: ["DNS:a.example"], validity: ("20200101000000Z", "20200201000000Z"))
            try self.files.addAuthority("other")
            try self.files.add("stranger", names: ["DNS:a.example"], by: "other")
            try self.files.add("client", names: ["URI:spiffe://test/gateway"])
        }

        /// A server of openssl's that answers every GET with a page about the connection.
        private final class Server: Sendable {
            let process: ChildProcess
            let address: String
            private let folder: TemporaryFolder

            init(_ files: TestCertificates, _ name: String, _ arguments: [String] = []) throws {
                let folder = try TemporaryFolder()
                self.folder = folder
                self.process = try ChildProcess(
                    "openssl",
                    [
                        "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", files.path("\(name).pem"),
                        "-key",
                        files.path("\(name).key"),
                    ] + arguments, output: folder.file("log"))
                let process = self.process
                eventually { process.state != nil || folder.text(of: "log").contains("ACCEPT ") }
                let line = folder.text(of: "log").split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
                self.address = line.map { String($0.dropFirst(7)) } ?? ""
            }

            deinit { self.process.stop() }
        }

        private func proxy(_ server: Server, _ tls: String, _ endpoint: String? = nil) throws -> ProxyProcess
        {
            try ProxyProcess(
                """
                listeners: [{ name: public, address: "127.0.0.1:0" }]
                routes: [{ name: all, rules: [{ service: secure }] }]
                services:
                  - name: secure
                    endpoints: ["\(endpoint ?? server.address)"]
                    tls: { \(TLSGateway.named(tls, self.files)) }
                """)
        }

        @Test("Asks for the name and speaks to who has it, over connections that resume their session")
        func verified() throws {
            let server = try Server(
                self.files, "local",
                [
                    "-servername", "a.example", "-cert2", self.files.path("a.pem"), "-key2",
                    self.files.path("a.key"),
                ])
            let proxy = try self.proxy(server, "sni: a.example, trustedCA: {ca.pem}")
            let first = try proxy.ask("/")
            #expect(first.status == 200)
            #expect(first.text.contains("New, TLSv1.3"))
            #expect(try proxy.ask("/").text.contains("Reused, TLSv1.3"))
            let address = try self.proxy(server, "trustedCA: {ca.pem}")
            #expect(try address.ask("/").status == 200)
            let spiffe = try self.proxy(
                server, "sni: a.example, trustedCA: {ca.pem}, subjectAltNames: [\"spiffe://test/reviews\"]")
            #expect(try spiffe.ask("/").status == 200)
            let old = try self.proxy(server, "sni: a.example, trustedCA: {ca.pem}, maximumVersion: TLSv1.2")
            #expect(try old.ask("/").text.contains("New, TLSv1.2"))
            #expect(try old.ask("/").text.contains("Reused, TLSv1.2"))
        }

        @Test("Speaks to nobody with another name, authority or time, unless told not to look")
        func refused() throws {
            let cases = [
                ("a", "sni: b.example, trustedCA: {ca.pem}", "hostname_mismatch"),
                ("a", "trustedCA: {ca.pem}", "IP_address_mismatch"),
                ("a", "sni: a.example, trustedCA: {other.pem}", "unable_to_get_local_issuer_certificate"),
                ("a", "sni: a.example", "unable_to_get_local_issuer_certificate"),
                ("old", "sni: a.example, trustedCA: {ca.pem}", "certificate_has_expired"),
                (
                    "a", "trustedCA: {ca.pem}, subjectAltNames: [{ uri: { prefix: \"spiffe://other/\" } }]",
                    "no_subject_alternative_name_is_allowed"
                ),
            ]
            for (certificate, tls, reason) in cases {
                let server = try Server(self.files, certificate)
                let proxy = try self.proxy(server, tls)
                let answer = try proxy.ask("/x")
                #expect(answer.status == 503)
                let entry = try #require(proxy.accessLog("/x").first)
                #expect(entry.response_flags == "UF")
                #expect(
                    entry.response_code_details
                        == "upstream_tls_failure{certificate_verify_failed:_\(reason)}")
            }
            let server = try Server(self.files, "old")
            #expect(try self.proxy(server, "insecureSkipVerify: true").ask("/").status == 200)
        }

        @Test("Shows its own certificate to who asks for one")
        func mutual() throws {
            let server = try Server(
                self.files, "local",
                ["-Verify", "1", "-verify_return_error", "-CAfile", self.files.path("ca.pem")])
            let known = try self.proxy(
                server, "trustedCA: {ca.pem}, certificate: {client.pem}, key: {client.key}")
            #expect(try known.ask("/").text.contains("CN=client"))
            #expect(try self.proxy(server, "trustedCA: {ca.pem}").ask("/").status >= 502)
        }

        @Test("A service that speaks no TLS has no longer than a connect may take")
        func plain() throws {
            let backend = try RawBackend()
            let server = try Server(self.files, "local")
            let proxy = try self.proxy(server, "trustedCA: {ca.pem}", backend.address)
            #expect(try proxy.ask("/x").status == 503)
            #expect(proxy.accessLog("/x").first?.response_code_details == "upstream_connect_timeout")
        }
    }
}
