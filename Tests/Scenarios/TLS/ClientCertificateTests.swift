import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Clients that show who they are.
    @Suite struct ClientCertificateTests {
        private let files: TestCertificates

        init() throws {
            self.files = try TestCertificates()
            try self.files.add("a", names: ["DNS:a.example", "URI:spiffe://test/gateway"])
            try self.files.add("web", names: ["URI:spiffe://test/ns/one/sa/web", "DNS:web.example"])
            try self.files.add("gone", names: ["URI:spiffe://test/ns/one/sa/gone"])
            try self.files.addAuthority("other")
            try self.files.add("stranger", names: ["DNS:web.example"], by: "other")
            try self.files.revoke("gone")
            try self.files.writeRevocations("ca.crl")
        }

        private func tls(_ authentication: String) -> String {
            "certificates: [{ certificate: {a.pem}, key: {a.key} }], "
                + "clientAuthentication: { \(authentication) }"
        }

        private func curl(_ gateway: TLSGateway, _ name: String?, _ more: [String] = []) throws -> String {
            let own = name.map {
                ["--cert", self.files.path("\($0).pem"), "--key", self.files.path("\($0).key")]
            }
            return try gateway.clients.curl((own ?? []) + more).output
        }

        @Test("Takes in who must be let in, and nobody else")
        func modes() throws {
            let required = try TLSGateway(
                self.files, tls: self.tls("mode: require, trustedCA: {ca.pem}, crl: {ca.crl}"))
            #expect(try self.curl(required, "web") == "backend")
            #expect(try self.curl(required, nil) != "backend")
            #expect(try self.curl(required, "stranger") != "backend")
            #expect(try self.curl(required, "gone") != "backend")
            #expect(eventually { required.proxy.log.contains("certificate revoked") })
            let optional = try TLSGateway(self.files, tls: self.tls("mode: optional, trustedCA: {ca.pem}"))
            #expect(try self.curl(optional, "web") == "backend")
            #expect(try self.curl(optional, nil) == "backend")
            #expect(try self.curl(optional, "stranger") != "backend")
            let named = try TLSGateway(
                self.files,
                tls: self.tls(
                    """
                    mode: require, trustedCA: {ca.pem}, \
                    subjectAltNames: [{ uri: { prefix: "spiffe://test/ns/one/sa/w" } }]
                    """))
            #expect(try self.curl(named, "web") == "backend")
            #expect(try self.curl(named, "gone") != "backend")
        }

        private static let sent = ["-H", "X-Forwarded-Client-Cert: Hash=forged"]

        /// What the service is told, with a certificate and without.
        private func told(_ policy: String) throws -> [String?] {
            let gateway = try TLSGateway(
                self.files, tls: self.tls("mode: optional, trustedCA: {ca.pem}"),
                listener: ", forwardClientCertificate: \(policy)")
            _ = try self.curl(gateway, "web", Self.sent)
            _ = try self.curl(gateway, nil, Self.sent)
            _ = try gateway.proxy.ask(
                "/", fields: "x-forwarded-client-cert: Hash=forged\r\n", listener: "plain")
            return gateway.backend.takeRequests().map { $0["x-forwarded-client-cert"] }
        }

        @Test("Tells services who a client is, as the policy says; nobody else can")
        func forwarding() throws {
            let digest = try self.files.openssl([
                "x509", "-in", self.files.path("web.pem"), "-noout", "-fingerprint", "-sha256",
            ])
            let hash = digest.split(separator: "=")[1].replacing(":", with: "").lowercased()
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let element =
                "By=spiffe://test/gateway;Hash=\(hash);Subject=\"CN=web,O=Test\";"
                + "URI=spiffe://test/ns/one/sa/web;DNS=web.example"
            #expect(try self.told("sanitise") == [nil, nil, nil])
            #expect(try self.told("set") == [element, nil, nil])
            #expect(try self.told("append") == ["Hash=forged,\(element)", nil, nil])
            #expect(try self.told("forward") == ["Hash=forged", nil, nil])
            let whole = try #require(try self.told("{ policy: set, certificate: true, chain: true }")[0])
            #expect(whole.contains(";Cert=\"-----BEGIN%20CERTIFICATE-----%0A"))
            #expect(whole.contains(";Chain=\"-----BEGIN%20CERTIFICATE-----%0A"))
        }

        @Test("Filters know who a client is")
        func attributes() throws {
            let filter = """
                , filters: [{ plugin: headers, config: { request: { set: { x-who: \
                "%{source.principal}|%{connection.mtls}|%{connection.tls_version}|\
                %{connection.subject_peer_certificate}|%{connection.requested_server_name}" } } } }]
                """
            let gateway = try TLSGateway(
                self.files, tls: self.tls("mode: optional, trustedCA: {ca.pem}"), listener: filter)
            _ = try self.curl(gateway, "web")
            _ = try self.curl(gateway, nil)
            _ = try gateway.proxy.ask("/", listener: "plain")
            #expect(
                gateway.backend.takeRequests().map { $0["x-who"] } == [
                    "spiffe://test/ns/one/sa/web|true|TLSv1.3|CN=web,O=Test|a.example",
                    "|false|TLSv1.3||a.example", "|false|||",
                ])
        }

        @Test("Scripts see every name of a client's certificate, and of ours")
        func everyName() throws {
            let names = ["DNS:one.example", "URI:spiffe://test/a", "DNS:two.example", "URI:spiffe://test/b"]
            try self.files.add("several", names: names)
            let folder = try TemporaryFolder()
            let script = try folder.write(
                """
                function envoy_on_request(handle)
                  local ssl = handle:connection():ssl()
                  local lists = { ssl:uriSanPeerCertificate(), ssl:dnsSansPeerCertificate(),
                    ssl:uriSanLocalCertificate(), ssl:dnsSansLocalCertificate() }
                  for at, list in ipairs(lists) do lists[at] = table.concat(list, "+") end
                  handle:headers():replace("x-names", table.concat(lists, "|"))
                end
                """, to: "names.lua")
            let gateway = try TLSGateway(
                self.files, tls: self.tls("mode: optional, trustedCA: {ca.pem}"),
                listener: ", filters: [{ lua: \(script.path) }]")
            _ = try self.curl(gateway, "several")
            _ = try self.curl(gateway, nil)
            #expect(
                gateway.backend.takeRequests().map { $0["x-names"] } == [
                    "spiffe://test/a+spiffe://test/b|one.example+two.example|spiffe://test/gateway|a.example",
                    "||spiffe://test/gateway|a.example",
                ])
        }
    }
}
