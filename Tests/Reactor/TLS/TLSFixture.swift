internal import Reactor
internal import TestSupport

/// Certificates that all suites of TLS use, made once, and contexts of them.
enum TLSFixture {
    private static let made = Result { () throws -> TestCertificates in
        let files = try TestCertificates()
        try files.add("a", names: ["DNS:a.example", "DNS:both.example", "IP:127.0.0.1"])
        try files.add("a-rsa", names: ["DNS:a.example", "DNS:both.example"], key: .rsa)
        try files.add("wild", names: ["DNS:*.wild.example"])
        try files.add(
            "old", names: ["DNS:a.example"], validity: ("20200101000000Z", "20200201000000Z"))
        try files.add("client", names: ["URI:spiffe://test/ns/one/sa/web", "DNS:web.client.example"])
        try files.add("gone", names: ["URI:spiffe://test/ns/one/sa/gone"])
        try files.add("middle", isAuthority: true)
        try files.add("below", names: ["DNS:a.example"], by: "middle")
        try files.join(["below.pem", "middle.pem"], "below-chain.pem")
        try files.addAuthority("other")
        try files.add("stranger", names: ["DNS:a.example"], by: "other")
        try files.add("named.example", names: ["URI:spiffe://test/ns/one/sa/named"])
        try files.add("bare.example")
        try files.add(
            "lasting", names: ["URI:spiffe://test/lasting"], validity: ("20200101000000Z", "20990101000000Z"))
        try files.add("below-gone", by: "middle")
        try files.revoke("gone")
        try files.writeRevocations("ca.crl")
        try files.revoke("below-gone", by: "middle")
        try files.writeRevocations("middle.crl", by: "middle")
        try files.join(["ca.crl", "middle.crl"], "both.crl")
        return files
    }

    static func files() throws -> TestCertificates { try self.made.get() }

    static func certificate(_ name: String, key: String? = nil) throws -> TLSCertificate {
        let files = try self.files()
        let certificate = try TLSCertificate(path: files.path("\(name).pem"))
        try certificate.readKey(path: files.path("\(key ?? name).key"))
        return certificate
    }

    static func trust(_ name: String = "ca", crl: String? = nil) throws -> TLSTrust {
        let files = try self.files()
        let trust = try TLSTrust.read(path: files.path("\(name).pem"))
        if let crl { try trust.readRevocations(path: files.path(crl)) }
        return trust
    }

    static func server(
        _ certificates: [String] = ["a"], _ verification: TLSVerification = .none,
        tickets: TLSTicketKeys? = nil, ticketLifetime: Int64 = 7200, clockAhead: Int64 = 0,
        name: String = "test",
        _ change: (inout TLSParameters) -> Void = { _ in }
    ) throws -> TLSServerContext {
        var parameters = TLSParameters()
        change(&parameters)
        return try TLSServerContext(
            parameters, certificates: certificates.map { try self.certificate($0) },
            verification: verification,
            tickets: tickets, ticketLifetime: ticketLifetime, clockAhead: clockAhead, name: name)
    }

    /// A client with a chain of its own.
    static func client(chain: String, key: String) throws -> TLSClientContext {
        try TLSClientContext(
            TLSParameters(), certificate: self.certificate(chain, key: key),
            verification: TLSVerification(.require, trust: self.trust()))
    }

    static func client(
        certificate: String? = nil, trust: String = "ca", crl: String? = nil, names: [TLSNameRule] = [],
        _ change: (inout TLSParameters) -> Void = { _ in }
    ) throws -> TLSClientContext {
        var parameters = TLSParameters()
        change(&parameters)
        return try TLSClientContext(
            parameters, certificate: certificate.map { try self.certificate($0) },
            verification: TLSVerification(.require, trust: self.trust(trust, crl: crl), names: names))
    }
}
