internal import Filtering
internal import GatewayConfig

// The records of a compiled table. They refer to each other by index and hold nothing that is counted.

/// The hosts of the routes of one listener, or of several that have the same routes.
struct Scope: BitwiseCopyable {
    /// Where its slots begin; there are `slotMask + 1`, a power of two.
    var firstSlot: Int32
    var slotMask: UInt32
    /// The index of the host `*`; -1: none.
    var anyHost: Int32
    var hasWildcards: Bool
}

/// A place in the hash table of a scope's hosts; free when `index` is -1.
struct HostSlot: BitwiseCopyable {
    var hash: UInt32
    var index: Int32
    /// In lower case; a wildcard `*.example.com` is kept as `.example.com`.
    var name: Text

    static let free = HostSlot(hash: 0, index: -1, name: .empty)
}

/// The rules of one host, or of several that have the same routes.
struct HostIndex: BitwiseCopyable {
    /// What the hashes of its paths begin with.
    var seed: UInt64
    /// Bit *n* is set when some configured path has *n* segments; bit 63 stands for 63 and more.
    var depths: UInt64
    /// Rules for every path, `/` prefixes and regular expressions, in file order.
    var root: CandidateList
    /// As `root`, without `/` prefixes: for a target such as `*`.
    var pathless: CandidateList

    static func seed(_ index: Int) -> UInt64 { UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15 }
    static func depthBit(_ depth: Int) -> UInt64 { 1 << UInt64(min(depth, 63)) }
}

/// A place in the hash table of configured paths; free when `index` is -1.
struct PathSlot: BitwiseCopyable {
    var hash: UInt64
    /// The host's.
    var index: Int32
    var path: Text
    var first: UInt32
    /// Rules with this prefix, from `first` on.
    var prefixCount: UInt32
    /// Rules for exactly this path, behind them.
    var exactCount: UInt32

    static let free = PathSlot(hash: 0, index: -1, path: .empty, first: 0, prefixCount: 0, exactCount: 0)

    var prefixes: CandidateList { CandidateList(first: self.first, count: self.prefixCount) }
    var exacts: CandidateList { CandidateList(first: self.first + self.prefixCount, count: self.exactCount) }
}

struct CandidateList: BitwiseCopyable {
    var first: UInt32
    var count: UInt32
}

/// A rule that matches where its conditions hold.
struct Candidate: BitwiseCopyable {
    var rule: Int32
    /// -1: none.
    var conditions: Int32
}

/// What a rule demands beside an exact path or a prefix.
struct RuleConditions: BitwiseCopyable {
    /// A pattern for the path; -1: none.
    var pathPattern: Int32
    var firstMethod: Int32
    var methodCount: Int32
    /// Those on fields, and behind them those on the query.
    var firstValue: Int32
    var fieldCount: Int32
    var queryCount: Int32
}

/// A condition on a field or a parameter.
struct ValueCondition: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable { case exact, prefix, suffix, contains, regex, present, absent }
    /// Where a field is found.
    enum Source: UInt8, BitwiseCopyable { case known, other, pseudo, authority }

    var kind: Kind
    var source: Source
    var id: HeaderID
    var name: Text
    var value: Text
    /// -1: none.
    var pattern: Int32
}

/// A table in the making.
struct RouteTableParts {
    var references: [RuleReference] = []
    var text: [UInt8] = []
    var scopeOfListener: [Int32] = []
    var scopes: [Scope] = []
    var hostSlots: [HostSlot] = []
    var indexes: [HostIndex] = []
    var pathSlots: [PathSlot] = []
    var candidates: [Candidate] = []
    var conditions: [RuleConditions] = []
    var methods: [Text] = []
    var valueConditions: [ValueCondition] = []
    var patterns: [LinearRegex] = []

    mutating func add(_ string: String) -> Text {
        let start = self.text.count
        self.text.append(contentsOf: string.utf8)
        return Text(start: UInt32(start), length: UInt32(self.text.count - start))
    }
}
