/// What came on a stream of HTTP/2, so far.
public struct HTTP2Message: Sendable {
    /// The fields of each head, `name: value`: informational ones, then the final one.
    public internal(set) var heads: [[String]] = []
    public internal(set) var body: [UInt8] = []
    public internal(set) var trailers: [String] = []
    /// END_STREAM has come.
    public internal(set) var isEnded = false
    /// The name of RST_STREAM's code, when it has come.
    public internal(set) var reset: String?

    public var isOver: Bool { self.isEnded || self.reset != nil }
    public var text: String { String(decoding: self.body, as: UTF8.self) }
    /// Of the final head; 0 without one.
    public var status: Int { Int(self[":status"] ?? "") ?? 0 }
    public var path: String { self[":path"] ?? "" }
    /// The final head has come.
    public var hasHead: Bool { self.heads.last.map { !$0.contains { $0.hasPrefix(":status: 1") } } ?? false }

    /// A field of the last head.
    public subscript(_ name: String) -> String? {
        self.heads.last?.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }
}
