public import Primitives

/// How large a request head may be before it is refused with 431 or 414.
public struct RequestLimits: Sendable, Hashable {
    /// The whole head: request line and fields.
    ///
    /// Default 64KiB; 1KiB...1MiB. Key `head`.
    public var head: ByteCount
    /// The number of fields.
    ///
    /// Default 128; 1...1024. Key `fields`.
    public var fields: Int
    /// The request target.
    ///
    /// Default 16KiB; 256B...1MiB, at most `head`. Key `url`.
    public var url: ByteCount

    public init(head: ByteCount = .kibibytes(64), fields: Int = 128, url: ByteCount = .kibibytes(16)) {
        self.head = head
        self.fields = fields
        self.url = url
    }
}
