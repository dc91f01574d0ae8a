/// What a resolver said to the question for the addresses of a name, of one family.
public enum DNSAnswer: Sendable, Equatable {
    /// The addresses, each once, in the order of the answer, and the seconds for which they may be used: the
    /// least of all records on the way.
    case found([HostAddress], ttl: UInt32)
    /// There is no such name.
    case noName
    /// The name has no address of this family.
    case noData
    /// Nobody could tell, and why.
    case failed(String)
}

/// Which addresses a question is for.
public enum AddressFamily: Sendable, Hashable, CaseIterable { case ipv4, ipv6 }
