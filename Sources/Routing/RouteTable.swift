public import Filtering
public import GatewayConfig
internal import Primitives

/// Which rule of the configuration a request meets: hosts, paths, methods, fields and query in one compiled
/// table.
///
/// Immutable, so all workers may share one. The most specific host of a request decides first: the exact
/// name, then the longest `*.` wildcard (which stands for one or more labels), then `*`. Within it the first
/// rule in file order that matches wins, over all routes with that host; when none does, no less specific
/// host is tried (as in Envoy).
///
///     listener ─► scope ─► host ─► index ─┬─ rules for every path, in order
///                (hash of names)          └─ one list for each configured path (hash of its segments)
///
/// Lists are in file order, so the first hit of each is its best, and a list is left at the first rule that
/// comes after the best of the others. Nothing is allocated but for parameters of the query with escapes.
public final class RouteTable: Sendable {
    /// The routes and rules by number: a rule's number counts all rules of all routes in file order.
    public let references: [RuleReference]

    let text: FixedArray<UInt8>
    /// By listener.
    let scopeOfListener: FixedArray<Int32>
    let scopes: FixedArray<Scope>
    let hostSlots: FixedArray<HostSlot>
    let indexes: FixedArray<HostIndex>
    let pathSlots: FixedArray<PathSlot>
    let pathMask: UInt64
    let candidates: FixedArray<Candidate>
    let conditions: FixedArray<RuleConditions>
    let methods: FixedArray<Text>
    let valueConditions: FixedArray<ValueCondition>
    /// What ``patterns`` keeps alive, by number.
    let patternHandles: FixedArray<OpaquePointer>
    private let patterns: [LinearRegex]

    init(_ parts: consuming RouteTableParts) {
        self.references = parts.references
        self.text = FixedArray(parts.text)
        self.scopeOfListener = FixedArray(parts.scopeOfListener)
        self.scopes = FixedArray(parts.scopes)
        self.hostSlots = FixedArray(parts.hostSlots)
        self.indexes = FixedArray(parts.indexes)
        self.pathSlots = FixedArray(parts.pathSlots)
        self.pathMask = UInt64(parts.pathSlots.count - 1)
        self.candidates = FixedArray(parts.candidates)
        self.conditions = FixedArray(parts.conditions)
        self.methods = FixedArray(parts.methods)
        self.valueConditions = FixedArray(parts.valueConditions)
        self.patternHandles = FixedArray(parts.patterns.map(\.handle))
        self.patterns = parts.patterns
    }

    /// Compiles the routes of a configuration.
    ///
    /// - Parameters:
    ///   - routes: In file order.
    ///   - listenerNames: The names that `listeners` of a route refers to; ``match(_:listener:)`` takes an
    ///     index
    ///     into them.
    /// - Returns: The table, and what was noticed: a warning for each rule that can never match, at the
    ///   rule's place,
    ///   and an error for a regular expression that RE2 refuses, whose rule then never matches.
    public static func compile(
        routes: [RouteConfiguration], listenerNames: [String]
    ) -> (table: RouteTable, problems: [ConfigProblem]) {
        var compiler = RouteCompiler(routes: routes, listenerNames: listenerNames)
        let parts = compiler.compile()
        return (RouteTable(parts), compiler.problems)
    }

    /// The number of the rule that the request meets; -1 when none matches.
    ///
    /// - Parameter listener: Where it came in, an index into the names that the table was compiled with.
    /// - Complexity: O(*n*), *n* bytes of host, path and query, times the rules with the same host and path
    ///   that come
    ///   before the one that matches.
    public func match(_ request: HeaderBlock, listener: Int) -> Int32 {
        let scope = self.scopes[Int(self.scopeOfListener[listener])]
        let host = self.index(ofHost: RequestHost.of(request.authority), in: scope)
        guard host >= 0 else { return -1 }
        return self.rule(for: request, in: host)
    }
}

/// Where a rule stands in the configuration.
public struct RuleReference: Sendable, Hashable {
    /// Index into `routes`.
    public let route: Int
    /// Index into the route's `rules`.
    public let rule: Int

    public init(route: Int, rule: Int) {
        self.route = route
        self.rule = rule
    }
}
