import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// A listener with TLS, asked by curl and by openssl's client.
    @Suite struct TLSListenerTests {
        private let files: TestCertificates

        init() throws {
            self.files = try TestCertificates()
            try self.files.add("a", names: ["DNS:a.example"])
        }

        private let one = "certificates: [{ certificate: {a.pem}, key: {a.key} }]"

        @Test("Serves HTTPS; services, filters and logs see what was agreed on")
        func https() throws {
            let gateway = try TLSGateway(self.files, tls: self.one)
            let answer = try gateway.clients.curl([
                "--tlsv1.3", "--write-out", " %{http_code} %{http_version}",
            ])
            #expect(answer.output == "backend 200 1.1")
            #expect(gateway.backend.takeRequests().map { $0["x-forwarded-proto"] } == ["https"])
            let entry = gateway.proxy.accessLog("/").first
            #expect(entry?.requested_server_name == "a.example")
            #expect(try gateway.clients.curl(["--tlsv1.2", "--tls-max", "1.2"]).output == "backend")
            #expect(try gateway.proxy.ask("/", listener: "plain").status == 200)
            #expect(gateway.backend.takeRequests().map { $0["x-forwarded-proto"] } == ["https", "http"])
        }

        @Test("A large body comes whole in both directions, and many requests on one connection")
        func bodies() throws {
            let gateway = try TLSGateway(self.files, tls: self.one, logLevel: "warning")
            let size = 5_000_000
            gateway.backend.on("/echo") { connection, head in
                let request = try connection.finish(head)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n")
                try connection.send(request.body)
                return true
            }
            let sent = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try sent.write(to: URL(fileURLWithPath: self.files.path("sent")))
            let answer = try gateway.clients.curl(
                [
                    "--data-binary", "@\(self.files.path("sent"))", "--output", self.files.path("got"), "-H",
                    "Expect:",
                ], path: "/echo")
            #expect(answer.isGood)
            #expect(try Data(contentsOf: URL(fileURLWithPath: self.files.path("got"))) == sent)
            let many = try gateway.clients.curl(
                ["--output", "/dev/null", "--write-out", "%{http_code}:%{num_connects} "], path: "/[1-50]")
            let codes = many.output.split(separator: " ")
            #expect(codes.count == 50)
            #expect(codes.allSatisfy { $0.hasPrefix("200:") })
            #expect(codes.filter { $0 == "200:1" }.count == 1)
        }

        @Test("Shows the certificate for the name asked for, and the kind that the client can verify")
        func certificates() throws {
            try self.files.add("a-rsa", names: ["DNS:a.example"], key: .rsa)
            try self.files.add("wild", names: ["DNS:*.wild.example"])
            let gateway = try TLSGateway(
                self.files,
                tls: """
                    certificates: [{ certificate: {a.pem}, key: {a.key} }, { certificate: {a-rsa.pem}, \
                    key: {a-rsa.key} }, { certificate: {wild.pem}, key: {wild.key} }]
                    """)
            let clients = gateway.clients
            #expect(try clients.openssl().output.contains("subject=O = Test, CN = a\n"))
            #expect(try clients.openssl(host: "x.wild.example").output.contains("CN = wild\n"))
            #expect(try clients.openssl(host: "unknown.example").output.contains("CN = a\n"))
            #expect(try clients.openssl(host: nil).output.contains("CN = a\n"))
            #expect(
                try clients.openssl(["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]).output.contains(
                    "CN = a-rsa\n"))
            #expect(
                try clients.openssl(["-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256"]).output.contains(
                    "CN = a-rsa\n"))
        }

        @Test("Refuses old versions and renegotiation, and what is no TLS")
        func refusals() throws {
            let gateway = try TLSGateway(self.files, tls: self.one)
            for version in ["-tls1", "-tls1_1"] {
                let answer = try gateway.clients.openssl([version, "-cipher", "ALL:@SECLEVEL=0"])
                #expect(answer.output.contains("alert protocol version"))
            }
            let port = gateway.clients.address
            let renegotiation = try Command(
                "sh",
                [
                    "-c",
                    "(printf 'GET /a HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'; sleep 1; printf 'R\\n'; sleep 1) | "
                        + "timeout 10 openssl s_client -connect \(port) -tls1_2 -servername a.example",
                ])
            #expect(renegotiation.output.contains("no renegotiation"))
            let plain = try gateway.proxy.ask("/", listener: "plain")
            #expect(plain.status == 200)
            #expect(throws: (any Error).self) { try gateway.proxy.ask("/") }
            #expect(eventually { gateway.proxy.log.contains("http request") })
            let minimum = try TLSGateway(self.files, tls: self.one + ", minimumVersion: TLSv1.3")
            #expect(try !minimum.clients.curl(["--tlsv1.2", "--tls-max", "1.2"]).isGood)
            #expect(try minimum.clients.curl().output == "backend")
        }

        @Test("Staples what the authority says, to those who ask")
        func stapling() throws {
            try self.files.writeStatus(of: "a", "a.der")
            let gateway = try TLSGateway(
                self.files,
                tls: "certificates: [{ certificate: {a.pem}, key: {a.key}, ocspResponse: {a.der} }]")
            for version in ["-tls1_2", "-tls1_3"] {
                let answer = try gateway.clients.openssl([version, "-status"])
                #expect(answer.output.contains("OCSP Response Status: successful"))
                #expect(answer.output.contains("Cert Status: good"))
            }
            #expect(try gateway.clients.openssl().output.contains("OCSP") == false)
        }

        @Test("A session is resumed with any worker, and after a reload")
        func resumption() throws {
            let gateway = try TLSGateway(self.files, tls: self.one, workers: 2)
            for version in ["-tls1_2", "-tls1_3"] {
                let session = self.files.path("session\(version)")
                #expect(
                    try gateway.clients.openssl([version, "-sess_out", session]).output.contains("New, TLS"))
                for round in 0..<8 {
                    if round == 4 {
                        // Another certificate, and so another context.
                        try self.files.add("a", names: ["DNS:a.example"])
                        #expect(try gateway.proxy.reload())
                    }
                    let answer = try gateway.clients.openssl([version, "-sess_in", session])
                    #expect(answer.output.contains("Reused, TLS"))
                }
            }
            let without = try TLSGateway(self.files, tls: self.one + ", sessionTickets: { enabled: false }")
            let session = self.files.path("none")
            #expect(
                try without.clients.openssl(["-tls1_2", "-sess_out", session]).output.contains("New, TLS"))
            #expect(try !without.clients.openssl(["-tls1_2", "-sess_in", session]).output.contains("Reused"))
        }

        private struct Report: Decodable {
            struct Certificate: Decodable {
                struct Name: Decodable { let dns: String? }
                let path, serial_number, days_until_expiration, valid_from, expiration_time: String
                let subject_alt_names: [Name]
            }
            struct Pair: Decodable { let cert_chain: [Certificate] }
            let certificates: [Pair]
        }

        private func reported(_ gateway: TLSGateway) throws -> Report.Certificate? {
            let report: Report = try gateway.proxy.adminJSON("/certs")
            return report.certificates.first?.cert_chain.first
        }

        @Test("Tells of the certificates in force, and takes in new ones; bad ones change nothing")
        func reload() throws {
            let gateway = try TLSGateway(self.files, tls: self.one)
            let first = try #require(try self.reported(gateway))
            #expect(first.path == self.files.path("a.pem"))
            #expect(first.subject_alt_names.map(\.dns) == ["a.example"])
            #expect(["29", "30"].contains(first.days_until_expiration))
            try self.files.add("b", names: ["DNS:a.example", "DNS:b.example"])
            // The key comes first: until the certificate is there, too, they do not fit.
            let refused = try gateway.proxy.reload { try self.files.join(["b.key"], "a.key") }
            #expect(!refused)
            #expect(gateway.proxy.log.contains("the key does not belong to the certificate"))
            #expect(try self.reported(gateway)?.serial_number == first.serial_number)
            #expect(try gateway.clients.curl().output == "backend")
            #expect(try gateway.proxy.reload { try self.files.join(["b.pem"], "a.pem") })
            #expect(try self.reported(gateway)?.subject_alt_names.map(\.dns) == ["a.example", "b.example"])
            #expect(try gateway.clients.curl(host: "b.example").output == "backend")
            let dump = String(decoding: try gateway.proxy.admin("/config_dump").body, as: UTF8.self)
            #expect(!dump.contains("PRIVATE KEY"))
            #expect(!gateway.proxy.log.contains("PRIVATE KEY"))
        }
    }
}
