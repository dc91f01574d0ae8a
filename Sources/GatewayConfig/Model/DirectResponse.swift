/// An answer that stands in the configuration.
public struct DirectResponse: Sendable, Hashable {
    /// Default 200; 200...599. Key `status`.
    public var status: Int
    /// Default empty; at most 1MiB. Key `body`.
    public var body: String
    /// Fields of the answer; without a `content-type` a body is `text/plain`.
    ///
    /// Default none. Key `headers`.
    public var headers: [HeaderPair]

    public init(status: Int = 200, body: String = "", headers: [HeaderPair] = []) {
        self.status = status
        self.body = body
        self.headers = headers
    }
}
