internal import Foundation

/// An authority of a test's own, and what it has certified, as files in PEM: `ca.pem`, and for every name
/// `NAME.pem` and `NAME.key`. Made by the `openssl` command.
public struct TestCertificates: Sendable {
    public enum Key: Sendable { case ecdsa, rsa }

    private let folder: TemporaryFolder

    public init() throws {
        self.folder = try TemporaryFolder()
        let text = """
            [ca]
            default_ca = main
            [main]
            database = \(self.path("index.txt"))
            new_certs_dir = \(self.path("."))
            rand_serial = yes
            default_md = sha256
            policy = any
            unique_subject = no
            copy_extensions = copy
            [any]
            organizationName = optional
            commonName = optional
            [req]
            distinguished_name = none
            [none]
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: self.path("openssl.cnf")))
        try Data().write(to: URL(fileURLWithPath: self.path("index.txt")))
        try self.addAuthority("ca")
    }

    /// The path of a file of the folder.
    public func path(_ name: String) -> String { self.folder.file(name).path }

    public func text(of name: String) -> String { self.folder.text(of: name) }

    /// Another root: `NAME.pem` and `NAME.key`.
    public func addAuthority(_ name: String) throws {
        try self.openssl(
            ["req", "-x509", "-days", "30", "-subj", "/O=Test/CN=\(name)"] + Self.newKey(.ecdsa)
                + ["-keyout", self.path("\(name).key"), "-out", self.path("\(name).pem")]
                + ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign,cRLSign"])
    }

    /// Certifies `name`: `NAME.pem` and `NAME.key`.
    ///
    /// - Parameters:
    ///   - names: Subject alternative names, as `DNS:a.example` and `URI:spiffe://…`.
    ///   - validity: Begin and end, as `20200101000000Z`; 30 days from now when absent.
    ///   - isAuthority: May certify others itself, see `authority`.
    public func add(
        _ name: String, names: [String] = [], key: Key = .ecdsa, validity: (String, String)? = nil,
        by authority: String = "ca", isAuthority: Bool = false
    ) throws {
        let request = self.path("\(name).csr")
        var extensions = names.isEmpty ? [] : ["-addext", "subjectAltName=" + names.joined(separator: ",")]
        if isAuthority { extensions += ["-addext", "basicConstraints=critical,CA:TRUE"] }
        try self.openssl(
            ["req", "-new", "-subj", "/O=Test/CN=\(name)"] + Self.newKey(key) + extensions
                + ["-keyout", self.path("\(name).key"), "-out", request])
        let dates = validity.map { ["-startdate", $0.0, "-enddate", $0.1] } ?? ["-days", "30"]
        try self.openssl(
            ["ca", "-batch", "-notext", "-in", request, "-out", self.path("\(name).pem")] + dates
                + self.signer(authority))
    }

    /// Revokes a certificate; from then on it stands in lists and answers that are made.
    public func revoke(_ name: String, by authority: String = "ca") throws {
        try self.openssl(["ca", "-revoke", self.path("\(name).pem")] + self.signer(authority))
    }

    /// The authority's list of revocations, into `file`.
    public func writeRevocations(_ file: String, by authority: String = "ca") throws {
        try self.openssl(
            ["ca", "-gencrl", "-crldays", "30", "-out", self.path(file)] + self.signer(authority))
    }

    /// What the authority says of `name` (OCSP, DER), into `file`.
    ///
    /// - Parameter isPast: It held in 2020. Its signature is then wrong.
    public func writeStatus(of name: String, _ file: String, isPast: Bool = false) throws {
        let request = self.path("\(name).ocsp")
        let authority = self.path("ca.pem")
        try self.openssl([
            "ocsp", "-issuer", authority, "-cert", self.path("\(name).pem"), "-no_nonce", "-reqout", request,
        ])
        try self.openssl([
            "ocsp", "-index", self.path("index.txt"), "-rsigner", authority, "-rkey", self.path("ca.key"),
            "-CA", authority, "-reqin", request, "-respout", self.path(file), "-nmin", "60",
        ])
        if isPast {
            let answer = URL(fileURLWithPath: self.path(file))
            var bytes = try Data(contentsOf: answer)
            // A time is a tag, a length, and the year in digits.
            let year = Data([0x18, 0x0F]) + Data("20".utf8)
            while let place = bytes.range(of: year),
                bytes[place.upperBound..<place.upperBound + 2] != Data("19".utf8)
            {
                bytes.replaceSubrange(
                    place.lowerBound..<place.upperBound + 2, with: Data([0x18, 0x0F]) + Data("1919".utf8))
            }
            try bytes.write(to: answer)
        }
    }

    /// `name`'s key with a password.
    public func encryptKey(of name: String, _ file: String) throws {
        try self.openssl([
            "pkey", "-in", self.path("\(name).key"), "-aes128", "-passout", "pass:secret", "-out",
            self.path(file),
        ])
    }

    /// Puts files one behind the other into another.
    public func join(_ names: [String], _ file: String) throws {
        let all = names.map { self.text(of: $0) }.joined()
        try Data(all.utf8).write(to: URL(fileURLWithPath: self.path(file)), options: .atomic)
    }

    @discardableResult
    public func openssl(_ arguments: [String]) throws -> String { try Tool.run("openssl", arguments) }

    private func signer(_ authority: String) -> [String] {
        [
            "-config", self.path("openssl.cnf"), "-cert", self.path("\(authority).pem"), "-keyfile",
            self.path("\(authority).key"),
        ]
    }

    private static func newKey(_ key: Key) -> [String] {
        switch key {
        case .ecdsa: ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        case .rsa: ["-nodes", "-newkey", "rsa:2048"]
        }
    }
}
