/// A fact of an exchange that a filter reads by name.
enum TestAttribute {
    case known(String)
    case field(section: Int, name: String)
    case metadata(space: String, key: String)

    /// The names that have no key of their own, as the gateway has them.
    static let names: Set = [
        "request.method", "request.scheme", "request.host", "request.path", "request.url_path",
        "request.query", "request.original_path", "request.id", "request.protocol", "request.size",
        "request.time", "response.code", "response.code_details", "response.flags", "response.size",
        "response.grpc_status",
        "response.duration", "source.address", "source.port", "connection.local_address",
        "connection.remote_address", "connection.id", "source.principal", "connection.mtls",
        "connection.requested_server_name", "connection.tls_version", "connection.tls_cipher",
        "connection.subject_peer_certificate", "connection.uri_san_peer_certificate",
        "connection.dns_san_peer_certificate", "connection.sha256_peer_certificate_digest",
        "connection.serial_number_peer_certificate", "connection.subject_local_certificate",
        "connection.uri_san_local_certificate", "connection.dns_san_local_certificate",
        "connection.uri_sans_peer_certificate", "connection.dns_sans_peer_certificate",
        "connection.uri_sans_local_certificate", "connection.dns_sans_local_certificate", "listener.name",
        "route.name", "destination.service.name", "upstream.address",
    ]

    /// Nil when the expression is no attribute.
    init?(_ expression: String) {
        if Self.names.contains(expression) {
            self = .known(expression)
            return
        }
        guard let bracket = expression.firstIndex(of: "["),
            let keys = Self.keys(expression[bracket...])
        else { return nil }
        switch (expression[..<bracket], keys.count) {
        case ("request.headers", 1) where Self.isToken(keys[0]): self = .field(section: 0, name: keys[0])
        case ("response.headers", 1) where Self.isToken(keys[0]): self = .field(section: 1, name: keys[0])
        case ("metadata", 2): self = .metadata(space: keys[0], key: keys[1])
        default: return nil
        }
    }

    /// The keys of `['a']["b"]`.
    private static func keys(_ text: Substring) -> [String]? {
        var (rest, keys): (Substring, [String]) = (text, [])
        while !rest.isEmpty {
            guard rest.first == "[", let quote = rest.dropFirst().first, quote == "'" || quote == "\"" else {
                return nil
            }
            let key = rest.dropFirst(2).prefix { $0 != quote }
            rest = rest.dropFirst(2 + key.count)
            guard !key.isEmpty, rest.first == quote, rest.dropFirst().first == "]" else { return nil }
            keys.append(String(key))
            rest = rest.dropFirst(2)
        }
        return keys
    }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0)
                    || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }
}

extension TestExchange {
    /// The value now; nil when the exchange has none.
    func value(of attribute: TestAttribute) -> String? {
        switch attribute {
        case .field(let section, let name): self.fields(section)[name]
        case .metadata(let space, let key):
            self.metadata(space, key).flatMap { json in
                switch json.first {
                case "\"": try? text(ofJSON: json)
                case "{", "[", "n": nil
                default: json
                }
            }
        case .known(let name): self.attributes[name] ?? self.known(name)
        }
    }

    private func known(_ name: String) -> String? {
        let path = self.request.path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        switch name {
        case "request.method": return self.request.method
        case "request.scheme": return self.request.scheme
        case "request.host": return self.request.authority
        case "request.path", "request.original_path": return self.request.path
        case "request.url_path": return path.first.map(String.init)
        case "request.query": return path.count > 1 ? String(path[1]) : ""
        case "request.id": return self.request.headers["x-request-id"]
        case "request.protocol": return "HTTP/1.1"
        case "response.code": return self.answerHead.status == 0 ? nil : "\(self.answerHead.status)"
        case "response.code_details": return self.details
        default: return nil
        }
    }

    /// One of the four sections of `postern_section`.
    func fields(_ section: Int) -> TestFields {
        switch section {
        case 0: self.request.headers
        case 1: self.answerHead.headers
        case 2: self.request.trailers
        default: self.answerHead.trailers
        }
    }

    /// Changes one of the four sections.
    func change(_ section: Int, _ body: (inout TestFields) -> Void) {
        switch section {
        case 0: body(&self.request.headers)
        case 1: body(&self.answerHead.headers)
        case 2: body(&self.request.trailers)
        default: body(&self.answerHead.trailers)
        }
    }
}
