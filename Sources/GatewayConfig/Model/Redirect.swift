/// An answer that sends the client elsewhere: what is nil stays as the client asked for it.
public struct Redirect: Sendable, Hashable {
    /// Default the request's; `http` or `https`. Key `scheme`.
    public var scheme: String?
    /// Default the request's. Key `host`.
    public var host: String?
    /// nil: the request's, or the new scheme's own when the scheme changes.
    ///
    /// Default the request's; 1...65535. Key `port`.
    public var port: Int?
    /// Default the request's. Key `path`.
    public var path: PathChange?
    /// Default 301; 301, 302, 303, 307 or 308. Key `status`.
    public var status: Int

    public init(
        scheme: String? = nil, host: String? = nil, port: Int? = nil, path: PathChange? = nil,
        status: Int = 301
    ) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.status = status
    }
}
