internal import PosternSDK

/// What a token must say beside its times, and what of it the service and other filters are told.
struct ClaimPlan: Sendable {
    /// The way to a claim: its name, or a JSON pointer.
    struct Path: Sendable {
        let text: String
        private let keys: [String]

        init(_ text: String) {
            self.text = text
            self.keys =
                text.hasPrefix("/")
                ? text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
                    String($0).replacing("~1", with: "/").replacing("~0", with: "~")
                } : [text]
        }

        func value(in claims: JSONValue) -> JSONValue? {
            var value: JSONValue? = claims
            for key in self.keys { value = value?[key] }
            return value == .null ? nil : value
        }
    }

    private let required: [(path: Path, values: Set<String>)]
    private let headers: [(name: HeaderName, path: Path)]
    private let metadata: [Path]

    /// - Throws: ``ConfigProblem`` for header names that are none.
    init(_ config: JwtAuth.Config, host: borrowing FilterHost) throws(ConfigProblem) {
        self.required = (config.claims ?? [:]).sorted { $0.key < $1.key }.map {
            (Path($0.key), Set($0.value))
        }
        var headers: [(HeaderName, Path)] = []
        for (name, path) in (config.claimsToHeaders ?? [:]).sorted(by: { $0.key < $1.key }) {
            headers.append((try host.headerName(name, at: "/claimsToHeaders/\(name)"), Path(path)))
        }
        self.headers = headers
        self.metadata = (config.metadata ?? ["sub"]).map { Path($0) }
    }

    /// The first claim that does not say what it must; nil when all do.
    func missing(in claims: JSONValue) -> String? {
        for (path, values) in self.required where !Self.has(path.value(in: claims), path, values) {
            return path.text
        }
        return nil
    }

    private static func has(_ claim: JSONValue?, _ path: Path, _ values: Set<String>) -> Bool {
        switch claim {
        case .array(let items): return items.contains { Self.has($0, path, values) }
        case .string(let text):
            if values.contains(text) { return true }
            // Scopes are one text with spaces (RFC 8693, 4.2).
            return path.text == "scope" && text.split(separator: " ").contains { values.contains(String($0)) }
        case .bool(let value): return values.contains("\(value)")
        case .number(let number): return values.contains(number)
        default: return false
        }
    }

    /// Takes out what a client could pretend; done also for requests without a token.
    func clear(_ stream: inout some FieldSection & ~Copyable) {
        for header in self.headers { stream.removeHeader(header.name) }
    }

    /// Tells service and filters.
    ///
    /// - Throws: ``FieldError`` for a claim that no header can carry.
    func tell(_ claims: JSONValue, to stream: inout some FieldSection & ~Copyable) throws(FieldError) {
        for (name, path) in self.headers {
            guard let value = path.value(in: claims) else { continue }
            try stream.setHeader(name, value.text ?? Self.json(value))
        }
        for path in self.metadata {
            guard let value = path.value(in: claims) else { continue }
            switch value {
            case .string(let text): stream.setMetadata(JwtAuth.name, path.text, text)
            default: _ = stream.setMetadata(JwtAuth.name, path.text, json: Self.json(value))
            }
        }
    }

    private static func json(_ value: JSONValue) -> String {
        var text: [UInt8] = []
        value.write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
