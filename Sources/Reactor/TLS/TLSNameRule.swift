/// One way in which a peer's subject alternative name may be right.
public struct TLSNameRule: Sendable, Hashable {
    public enum Kind: Sendable, Hashable { case dns, uri, either }
    public enum Match: Sendable, Hashable { case exact, prefix, suffix }

    public var kind: Kind
    public var match: Match
    /// Compared without case for DNS names.
    public var text: String

    public init(_ kind: Kind, _ match: Match, _ text: String) {
        self.kind = kind
        self.match = match
        self.text = text
    }
}

/// What a peer must prove.
public struct TLSVerification: Sendable {
    public enum Mode: Sendable, Hashable {
        case none
        /// A certificate need not be sent, but what is sent must be good.
        case optional
        case require
    }

    public var mode: Mode
    /// Needed unless `mode` is `none`.
    public var trust: TLSTrust?
    /// One of them must match, when there are any.
    public var names: [TLSNameRule]

    public init(_ mode: Mode, trust: TLSTrust?, names: [TLSNameRule] = []) {
        self.mode = mode
        self.trust = trust
        self.names = names
    }

    public static let none = TLSVerification(.none, trust: nil)
}
