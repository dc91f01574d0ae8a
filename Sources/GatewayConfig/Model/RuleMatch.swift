/// The conditions of a rule; all must hold, and no condition matches every request.
public struct RuleMatch: Sendable, Hashable {
    /// The path, without the query; nil: any.
    ///
    /// Default any. Key `path`.
    public var path: PathMatch?
    /// The methods; empty: any.
    ///
    /// Default any; one name or a list. Key `method`.
    public var methods: [String]
    /// Conditions on fields, names in lower case.
    ///
    /// Default none. Key `headers`.
    public var headers: [NamedMatch]
    /// Conditions on parameters of the query; names are compared with case.
    ///
    /// Default none. Key `query`.
    public var query: [NamedMatch]

    public init(
        path: PathMatch? = nil, methods: [String] = [], headers: [NamedMatch] = [], query: [NamedMatch] = []
    ) {
        self.path = path
        self.methods = methods
        self.headers = headers
        self.query = query
    }
}
