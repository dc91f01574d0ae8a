/// How large the head of a message, or the trailers behind a body, may be.
public struct HeadLimits: Sendable, Hashable {
    /// Bytes of start line and fields together; default 65,536.
    public var head: Int
    /// Field lines; default 128.
    public var fields: Int
    /// Bytes of the request target; default 16,384.
    public var url: Int

    public init(head: Int = 65_536, fields: Int = 128, url: Int = 16_384) {
        self.head = head
        self.fields = fields
        self.url = url
    }
}
