internal import Foundation
internal import Reactor
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct TLSCertificateTests {
    private func files() throws -> TestCertificates { try TLSFixture.files() }

    @Test("Tells what a certificate says")
    func facts() throws {
        let certificate = try TLSFixture.certificate("a")
        #expect(certificate.facts.subject == "CN=a,O=Test")
        #expect(certificate.facts.issuer == "CN=ca,O=Test")
        #expect(certificate.facts.addresses == ["127.0.0.1"])
        #expect(certificate.names == ["a.example", "both.example"])
        #expect(certificate.keyType == "EC")
        let now = Int64(Date().timeIntervalSince1970)
        #expect((29...30).contains(certificate.facts.daysLeft(now)))  // It was made just now.
        #expect(certificate.facts.daysLeft(certificate.facts.notAfter + 1) == -1)
        #expect(try TLSFixture.certificate("a-rsa").keyType == "RSA")
        #expect(try TLSCertificate(path: self.files().path("ca.pem")).names == ["ca"])
        let chain = try TLSCertificate(path: self.files().path("below-chain.pem")).chain
        #expect(chain.map(\.commonName) == ["middle"])
    }

    private func problem(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("Names the file and what is wrong with it")
    func problems() throws {
        let files = try self.files()
        let a = try TLSCertificate(path: files.path("a.pem"))
        try files.encryptKey(of: "a", "a-encrypted.key")
        let folder = try TemporaryFolder()
        let broken = try folder.write(
            files.text(of: "a.pem") + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            to: "broken.pem"
        ).path
        let empty = try folder.write("", to: "empty.pem").path
        let list = files.text(of: "ca.crl")
        let damaged = try folder.write(list + list.dropLast(200), to: "damaged.crl").path
        let noList = try folder.write(
            list + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + list, to: "none.crl"
        ).path
        let cases: [(String, () throws -> Void)] = [
            (
                "\(folder.url.path)/none: No such file or directory",
                { _ = try TLSCertificate(path: "\(folder.url.path)/none") }
            ),
            ("\(folder.url.path): is a folder", { _ = try TLSCertificate(path: folder.url.path) }),
            ("\(empty): has no certificate in PEM", { _ = try TLSCertificate(path: empty) }),
            ("\(broken): its certificate 2 cannot be read", { _ = try TLSCertificate(path: broken) }),
            (
                "\(files.path("a-rsa.key")): the key does not belong to the certificate",
                {
                    try a.readKey(path: files.path("a-rsa.key"))
                }
            ),
            (
                "\(files.path("a.pem")): has no private key in PEM",
                { try a.readKey(path: files.path("a.pem")) }
            ),
            ("\(empty): has no certificate in PEM", { _ = try TLSTrust.read(path: empty) }),
            (
                "\(empty): has no revocation list in PEM",
                { try TLSFixture.trust().readRevocations(path: empty) }
            ),
            (
                "\(damaged): its revocation list 2 cannot be read",
                { try TLSFixture.trust().readRevocations(path: damaged) }
            ),
            (
                "\(noList): its revocation list 2 cannot be read",
                { try TLSFixture.trust().readRevocations(path: noList) }
            ),
            ("\(empty): must be 48 or 80 bytes, is 0", { try TLSTicketKeys().read(paths: [empty]) }),
            ("\(empty): is no OCSP response in DER", { try a.readStaple(path: empty) }),
        ]
        for (expected, body) in cases { #expect(self.problem(body) == expected) }
        #expect(
            self.problem { try a.readKey(path: files.path("a-encrypted.key")) }.hasPrefix(
                "\(files.path("a-encrypted.key")): the key is encrypted; write it without a password"))
    }

    @Test("An answer of the authority is taken when it is about the certificate, good, and still holds")
    func staples() throws {
        let files = try self.files()
        try files.writeStatus(of: "a", "a.der")
        try files.writeStatus(of: "gone", "gone.der")
        try files.writeStatus(of: "a", "past.der", isPast: true)
        let a = try TLSFixture.certificate("a")
        try a.readStaple(path: files.path("a.der"))
        let end = try #require(a.stapleEnd)
        #expect(abs(end - Int64(Date().timeIntervalSince1970) - 3600) < 60)
        #expect(
            self.problem { try a.readStaple(path: files.path("gone.der")) }
                == "\(files.path("gone.der")): is not about the certificate")
        #expect(
            self.problem { try TLSFixture.certificate("gone").readStaple(path: files.path("gone.der")) }
                == "\(files.path("gone.der")): says that the certificate is revoked")
        #expect(
            self.problem { try a.readStaple(path: files.path("past.der")) }
                == "\(files.path("past.der")): has expired, or is not valid yet")
    }

    @Test("Knows the names of ciphers, suites and groups, and no others")
    func algorithms() {
        for name in TLSParameters.defaultCiphers { #expect(TLSParameters.isCipher(name)) }
        for name in TLSParameters.defaultSuites { #expect(TLSParameters.isSuite(name)) }
        for name in TLSParameters.defaultGroups { #expect(TLSParameters.isGroup(name)) }
        for name in ["HIGH", "NULL-SHA256", "ADH-AES128-SHA", "TLS_AES_128_GCM_SHA256", "x", ""] {
            #expect(!TLSParameters.isCipher(name))
        }
        #expect(!TLSParameters.isSuite("ECDHE-RSA-AES128-GCM-SHA256"))
        #expect(!TLSParameters.isGroup("P-257"))
    }
}
