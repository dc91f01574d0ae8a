/// What the service sees in place of what the client asked for.
public struct Rewrite: Sendable, Hashable {
    /// Default unchanged. Key `path`.
    public var path: PathChange?
    /// The `Host` field, with a port where one is wanted.
    ///
    /// Default unchanged. Key `host`.
    public var host: String?

    public init(path: PathChange? = nil, host: String? = nil) {
        self.path = path
        self.host = host
    }
}
