internal import GatewayConfig
internal import Glibc
internal import Reactor

/// Reads what one `tls` of a configuration names, and gathers what is wrong with it. Blocks.
struct TLSReader {
    /// The `tls` object, whose members problems point at.
    private let node: ConfigNode
    private(set) var problems: [ConfigProblem] = []

    init(_ node: ConfigNode) { self.node = node }

    var isUsable: Bool { !self.problems.contains { $0.severity == .error } }

    /// - Parameter pointer: A JSON pointer from the `tls` object.
    mutating func problem(
        _ pointer: String, _ message: String, severity: ConfigProblem.Severity = .error
    ) {
        let place = self.node.nearest(toPointer: pointer).location
        self.problems.append(ConfigProblem(place, message, severity: severity))
    }

    /// What `body` makes; nil when it throws, which is then a problem.
    mutating func attempt<Result>(
        _ pointer: String, severity: ConfigProblem.Severity = .error, _ body: () throws -> Result
    ) -> Result? {
        do {
            return try body()
        } catch {
            self.problem(pointer, "\(error)", severity: severity)
            return nil
        }
    }

    // MARK: Parts

    mutating func parameters(_ algorithms: TLSAlgorithms, alpn: [String]) -> TLSParameters {
        var parameters = TLSParameters()
        parameters.minimum = TLSVersion(algorithms.minimumVersion)
        parameters.maximum = TLSVersion(algorithms.maximumVersion)
        parameters.alpn = alpn
        if let ciphers = algorithms.ciphers {
            self.check(ciphers, "ciphers", "cipher of TLS 1.2", TLSParameters.isCipher)
            parameters.ciphers = ciphers
        }
        if let suites = algorithms.cipherSuites {
            self.check(suites, "cipherSuites", "cipher suite of TLS 1.3", TLSParameters.isSuite)
            parameters.suites = suites
        }
        if let groups = algorithms.groups {
            self.check(groups, "groups", "group", TLSParameters.isGroup)
            parameters.groups = groups
        }
        return parameters
    }

    private mutating func check(
        _ names: [String], _ key: String, _ kind: String, _ isKnown: (String) -> Bool
    ) {
        for (index, name) in names.enumerated() where !isKnown(name) {
            self.problem("/\(key)/\(index)", "OpenSSL knows no \(kind) called `\(name)`")
        }
    }

    /// - Parameter pointer: Of the object that names the files.
    mutating func certificate(_ files: CertificateConfiguration, _ pointer: String) -> TLSCertificate? {
        let read = self.attempt("\(pointer)/certificate") { try TLSCertificate(path: files.certificate) }
        guard let certificate = read else { return nil }
        guard self.attempt("\(pointer)/key", { try certificate.readKey(path: files.key) }) != nil else {
            return nil
        }
        self.warn(certificate, files, pointer)
        if let path = files.ocspResponse {
            _ = self.attempt("\(pointer)/ocspResponse", severity: .warning) {
                try certificate.readStaple(path: path)
            }
        }
        return certificate
    }

    /// Says what is wrong with a certificate that is used all the same.
    mutating func warn(_ certificate: TLSCertificate, _ files: CertificateConfiguration, _ pointer: String) {
        let now = Int64(time(nil))
        let path = files.certificate
        let pointer = "\(pointer)/certificate"
        for (index, facts) in ([certificate.facts] + certificate.chain).enumerated() {
            let which = index == 0 ? path : "\(path): its certificate \(index + 1)"
            if facts.notAfter < now {
                self.problem(
                    pointer, "\(which) has expired on \(CertificateDate(facts.notAfter))", severity: .warning)
            } else if facts.notBefore > now {
                self.problem(
                    pointer, "\(which) is not valid before \(CertificateDate(facts.notBefore))",
                    severity: .warning)
            }
        }
    }

    mutating func trust(_ authorities: String?, _ revocations: String?, _ pointer: String) -> TLSTrust? {
        let read = self.attempt("\(pointer)/trustedCA") {
            try authorities.map { try TLSTrust.read(path: $0) } ?? TLSTrust.system()
        }
        guard let trust = read, let revocations else { return read }
        return self.attempt("\(pointer)/crl") {
            try trust.readRevocations(path: revocations)
            return trust
        }
    }

    /// Of two certificates with the same kind of key the second serves only names that the first has not.
    mutating func warnOfUnused(_ certificates: [TLSCertificate]) {
        var taken: [String: Int] = [:]
        for (index, certificate) in certificates.enumerated() {
            let keys = certificate.names.map { "\(certificate.keyType) \($0)" }
            let owners = keys.compactMap { taken[$0] }
            if index > 0, owners.count == keys.count {
                let owner = owners.first ?? 0
                let message =
                    keys.isEmpty
                    ? "has no DNS name and is never used; only the first may be without"
                    : "is never used: `certificates[\(owner)]` serves its names with the same kind of key"
                self.problem("/certificates/\(index)", message, severity: .warning)
            }
            for key in keys where taken[key] == nil { taken[key] = index }
        }
    }
}

extension TLSVersion {
    init(_ configured: TLSProtocolVersion) {
        switch configured {
        case .tls12: self = .tls12
        case .tls13: self = .tls13
        }
    }
}

extension TLSNameRule {
    init(_ configured: SubjectAltNameMatch) {
        let kind: Kind =
            switch configured.kind {
            case .dns: .dns
            case .uri: .uri
            case .either: .either
            }
        switch configured.condition {
        case .exact(let text): self.init(kind, .exact, text)
        case .prefix(let text): self.init(kind, .prefix, text)
        case .suffix(let text): self.init(kind, .suffix, text)
        }
    }
}
