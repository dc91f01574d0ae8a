internal import Primitives

extension ConfigField {
    /// What listeners and services say alike of versions and algorithms.
    static func algorithms(_ property: WritableKeyPath<Object, TLSAlgorithms>) -> [Self] {
        let names = ConfigShape<[String]>.list(of: .algorithm, atLeast: 1, unique: { $0 }).optional
        return [
            .key(
                "minimumVersion", property.appending(path: \.minimumVersion), .word(),
                "The oldest version of TLS."),
            .key(
                "maximumVersion", property.appending(path: \.maximumVersion), .word(),
                "The newest version of TLS."),
            .key(
                "ciphers", property.appending(path: \.ciphers), names,
                "Ciphers of TLS 1.2 by OpenSSL's names, the preferred first."),
            .key(
                "cipherSuites", property.appending(path: \.cipherSuites), names,
                "Ciphers of TLS 1.3, the preferred first."),
            .key(
                "groups", property.appending(path: \.groups), names,
                "Groups of key exchanges, the preferred first."),
        ]
    }
}

extension ConfigShape {
    /// A minimum is no maximum.
    func checkingVersions(_ property: KeyPath<Value, TLSAlgorithms>) -> Self {
        self.checked { value, node, reading in
            let algorithms = value[keyPath: property]
            guard algorithms.minimumVersion == .tls13, algorithms.maximumVersion == .tls12 else { return }
            let place = node["maximumVersion"] ?? node
            reading.problem(place, "must not be below `minimumVersion`, `TLSv1.3`, got `TLSv1.2`")
        }
    }
}

extension ConfigShape where Value == String {
    /// The name of a cipher or a group; whether there is one of that name, OpenSSL tells later.
    fileprivate static var algorithm: Self {
        .text(1...64, matching: "^[A-Za-z0-9_-]+$", "one name of letters, digits, `-` and `_`")
    }

    /// The name of a protocol (RFC 7301).
    fileprivate static var alpnProtocol: Self {
        .text(1...255, matching: "^[!-~]+$", "the name of a protocol as `h2` or `http/1.1`")
    }

    /// A DNS name without a wildcard.
    fileprivate static var serverName: Self {
        .text(
            1...253, matching: #"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"#,
            "a host name without a port or wildcard")
    }
}

extension ConfigShape where Value == SubjectAltNameMatch {
    static var subjectAltName: Self {
        let text = ConfigShape<String>.text(1...2048)
        return .either(
            text.map { SubjectAltNameMatch(.either, .exact($0)) },
            orObject: .object(
                SubjectAltNameMatch(.either, .exact("")),
                [
                    .choice(
                        \.self, isRequired: true,
                        [
                            ("dns", Self.condition(.dns), "A DNS name."),
                            ("uri", Self.condition(.uri), "A URI, as a SPIFFE ID."),
                        ])
                ])
        )
    }

    private static func condition(_ kind: SubjectAltNameMatch.Kind) -> Self {
        let text = ConfigShape<String>.text(1...2048)
        return .either(
            text.map { SubjectAltNameMatch(kind, .exact($0)) },
            orObject: .object(
                SubjectAltNameMatch(kind, .exact("")),
                [
                    .choice(
                        \.condition, isRequired: true,
                        [
                            ("exact", text.map { .exact($0) }, "The whole name."),
                            ("prefix", text.map { .prefix($0) }, "How it begins."),
                            ("suffix", text.map { .suffix($0) }, "How it ends."),
                        ])
                ])
        )
    }
}

extension ConfigShape where Value == ListenerTLS {
    static var listenerTLS: Self {
        Self.object(
            ListenerTLS(certificates: []),
            [
                .required(
                    "certificates", \.certificates, .list(of: .certificate, atLeast: 1),
                    "Picked by the name that a client asks for; the first for all others.")
            ] + ConfigField.algorithms(\.algorithms) + [
                .key(
                    "alpn", \.alpn,
                    ConfigShape<[String]>.list(of: .alpnProtocol, atLeast: 1, unique: { $0 }).optional,
                    "Protocols to agree on, preferred first; when absent `h2` and `http/1.1`, for `tcp` none."
                ),
                .key(
                    "clientAuthentication", \.clientAuthentication, .clientAuthentication,
                    "Whether clients must show a certificate."),
                .key(
                    "sessionTickets", \.sessionTickets, .sessionTickets,
                    "With what clients resume a session."),
                .location(\.location),
            ]
        ).checkingVersions(\.algorithms)
    }
}

extension ConfigShape where Value == CertificateConfiguration {
    fileprivate static var certificate: Self {
        .object(
            CertificateConfiguration(certificate: "", key: ""),
            [
                .required(
                    "certificate", \.certificate, .filePath,
                    "The certificate and the chain behind it (PEM)."),
                .required("key", \.key, .filePath, "The private key (PEM), not encrypted."),
                .key(
                    "ocspResponse", \.ocspResponse, ConfigShape<String>.filePath.optional,
                    "What the authority says of it (OCSP, DER), for clients that ask."),
                .location(\.location),
            ]
        )
    }
}

extension ConfigShape where Value == ClientAuthentication {
    fileprivate static var clientAuthentication: Self {
        Self.object(
            ClientAuthentication(),
            [
                .key("mode", \.mode, .word(), "Whether a client may or must show one."),
                .key(
                    "trustedCA", \.trustedCA, ConfigShape<String>.filePath.optional,
                    "The authorities that are believed (PEM)."),
                .key(
                    "crl", \.crl, ConfigShape<String>.filePath.optional,
                    "Revocation lists (PEM), one of each authority."),
                .key(
                    "subjectAltNames", \.subjectAltNames, .list(of: .subjectAltName),
                    "Names of which a certificate must have one; any when empty."),
                .location(\.location),
            ]
        ).checked { authentication, node, reading in
            if authentication.mode != .none, authentication.trustedCA == nil {
                let mode = authentication.mode.rawValue
                reading.problem(node, "`trustedCA` is missing: `mode: \(mode)` must know whom to believe")
            }
            // Unless another mode was meant.
            guard node["mode"] == nil || node["mode"]?.value == .string("none") else { return }
            for key in ["trustedCA", "crl", "subjectAltNames"] {
                guard let member = node[key] else { continue }
                reading.problem(member, "has no meaning with `mode: none`; use `optional` or `require`")
            }
        }
    }
}

extension ConfigShape where Value == SessionTickets {
    fileprivate static var sessionTickets: Self {
        Self.object(
            SessionTickets(),
            [
                .key("enabled", \.isEnabled, .bool, "Whether sessions can be resumed."),
                .key(
                    "keys", \.keys, .list(of: .filePath, unique: { $0 }),
                    "Files of 80 or 48 bytes: the first encrypts, all decrypt; its own when empty."),
                .key(
                    "rotation", \.rotation, .duration(.seconds(60)...(.seconds(7 * 24 * 3600))),
                    "How long a key of its own encrypts, and a session can be resumed."),
            ]
        ).checked { tickets, node, reading in
            if tickets.keys.count > 8 {
                reading.problem(node["keys"] ?? node, "must be at most 8 files, got \(tickets.keys.count)")
            }
        }
    }
}

extension ConfigShape where Value == ServiceTLS {
    static var serviceTLS: Self {
        let file = ConfigShape<String>.filePath.optional
        return Self.object(
            ServiceTLS(),
            [
                .key(
                    "sni", \.sni, ConfigShape<String>.serverName.optional,
                    "The name to ask for, which the certificate must have."),
                .key(
                    "trustedCA", \.trustedCA, file,
                    "The authorities that are believed (PEM); the system's when absent."),
                .key("crl", \.crl, file, "Revocation lists (PEM), one of each authority."),
                .key(
                    "certificate", \.certificate, file,
                    "Our own certificate and its chain (PEM), for endpoints that ask."),
                .key("key", \.key, file, "The private key (PEM) of `certificate`."),
                .key(
                    "subjectAltNames", \.subjectAltNames, .list(of: .subjectAltName),
                    "Names of which the certificate must have one, instead of `sni` or the address."),
                .key(
                    "insecureSkipVerify", \.skipsVerification, .bool, "Whether any certificate is believed."),
            ] + ConfigField.algorithms(\.algorithms) + [.location(\.location)]
        ).checkingVersions(\.algorithms).checked { tls, node, reading in
            if (tls.certificate == nil) != (tls.key == nil) {
                let missing = tls.key == nil ? "key" : "certificate"
                reading.problem(node, "`\(missing)` is missing: a certificate and its key belong together")
            }
            guard tls.skipsVerification else { return }
            for key in ["trustedCA", "crl", "subjectAltNames"] {
                guard let member = node[key] else { continue }
                reading.problem(member, "has no meaning with `insecureSkipVerify: true`")
            }
        }
    }
}

extension ConfigShape where Value == ClientCertificateForwarding {
    static var clientCertificateForwarding: Self {
        let policy = ConfigShape<ClientCertificateForwarding.Policy>.word()
        var shape = Self.either(
            policy.map { ClientCertificateForwarding(policy: $0) },
            orObject: .object(
                ClientCertificateForwarding(),
                [
                    .required("policy", \.policy, policy, "What becomes of the field."),
                    .key(
                        "certificate", \.includesCertificate, .bool,
                        "Whether the certificate is told (`Cert`)."),
                    .key(
                        "chain", \.includesChain, .bool,
                        "Whether the certificate is told with those behind it (`Chain`)."),
                ])
        )
        shape.write = { policy.write($0.policy) }
        return shape
    }
}
