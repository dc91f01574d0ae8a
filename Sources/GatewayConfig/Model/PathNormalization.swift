/// What is made uniform in a path beyond dot segments and unreserved escapes, which always are.
public struct PathNormalization: Sendable, Hashable {
    /// What becomes of `%2F` and `%5C` in a path.
    public enum EscapedSlashes: String, Sendable, Hashable, CaseIterable {
        /// They stay escaped and separate no segments.
        case keep
        /// The request is answered with 400.
        case reject
        /// They become `/` and `\` before the dot segments are resolved.
        case decode
    }

    /// Whether `//` becomes `/`.
    ///
    /// Default false. Key `mergeSlashes`.
    public var mergeSlashes: Bool
    /// What becomes of escaped slashes.
    ///
    /// Default `keep`; `keep`, `reject` or `decode`. Key `escapedSlashes`.
    public var escapedSlashes: EscapedSlashes

    public init(mergeSlashes: Bool = false, escapedSlashes: EscapedSlashes = .keep) {
        self.mergeSlashes = mergeSlashes
        self.escapedSlashes = escapedSlashes
    }
}
