import TestSupport

/// What a client or the service has seen of a case, without what each proxy does its own way.
///
/// `Tests/Conformance/README.md` lists what is left out, and why.
struct Seen: Equatable, CustomStringConvertible {
    /// Start lines, fields in order of their names, bodies and trailers.
    var lines: [String] = []

    /// Fields that each proxy adds or writes for itself.
    static let ownFields: Set = [
        "date", "server", "via", "x-request-id", "x-forwarded-proto", "x-forwarded-for", "x-forwarded-host",
        "x-envoy-upstream-service-time", "x-envoy-expected-rq-timeout-ms", "x-envoy-internal",
        "x-envoy-attempt-count", "x-envoy-external-address",
    ]
    /// Fields that say how a message is framed, not what it is.
    static let framing: Set = ["content-length", "transfer-encoding", "connection", "keep-alive", "te"]

    var description: String { "\n  " + self.lines.joined(separator: "\n  ") }

    mutating func add(_ message: RawMessage, of one: LuaCase) {
        let hidden = Self.ownFields.union(Self.framing).subtracting(one.keeps ?? []).union(one.ignore ?? [])
        let isShort = one.ignore_reason == true && message.status != 0
        self.lines.append(isShort ? "HTTP/1.1 \(message.status)" : message.startLine)
        // Fields of one name keep their order.
        let fields = message.fields.filter { !hidden.contains(String($0.prefix { $0 != ":" })) }
        let names = Set(fields.map { String($0.prefix { $0 != ":" }) }).sorted()
        for name in names { self.lines += message.all(name).map { "\(name): \($0)" } }
        if one.ignore_body != true || message.status == 0 { self.lines.append("body: \(message.text)") }
        self.lines += message.trailers.sorted().map { "trailer \($0)" }
    }
}
