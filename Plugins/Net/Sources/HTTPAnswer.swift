/// What an HTTP server answered.
public struct HTTPAnswer: Sendable {
    /// 200...999.
    public internal(set) var status: Int
    /// Header fields in their order; names in lower case.
    public internal(set) var fields: [(name: String, value: String)]
    /// The body without its framing.
    public internal(set) var body: [UInt8]

    /// The first value of a field, whose name is given in lower case.
    public func field(_ name: String) -> String? { self.fields.first { $0.name == name }?.value }

    /// The body as text, cut off after so many bytes; for errors.
    public func excerpt(_ limit: Int = 200) -> String {
        let text = String(decoding: self.body.prefix(limit), as: UTF8.self)
        return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }

    /// When to come again, of a `Retry-After` in seconds.
    public var retryAfter: Duration? {
        self.field("retry-after").flatMap { Int64($0) }.flatMap { $0 >= 0 ? .seconds($0) : nil }
    }
}
