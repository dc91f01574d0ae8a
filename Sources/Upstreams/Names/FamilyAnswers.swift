internal import Reactor

/// What one look-up of a name has found, family by family.
struct FamilyAnswers: Equatable {
    enum Answer: Equatable {
        /// Not empty; seconds for which they may be used.
        case found([HostAddress], ttl: UInt32)
        /// Somebody who must know says that there are none.
        case none
        case failed(String)
    }

    /// nil: not asked, or not answered yet.
    var ipv4: Answer?
    var ipv6: Answer?

    subscript(family: AddressFamily) -> Answer? {
        get { family == .ipv4 ? self.ipv4 : self.ipv6 }
        set {
            if family == .ipv4 { self.ipv4 = newValue } else { self.ipv6 = newValue }
        }
    }

    private var all: [Answer] { [self.ipv4, self.ipv6].compactMap { $0 } }

    var hasAddresses: Bool {
        self.all.contains {
            if case .found = $0 { return true }
            return false
        }
    }

    /// Why the first family that failed did.
    var failure: String? {
        for case .failed(let reason) in self.all { return reason }
        return nil
    }

    /// Whether nobody could say anything of use: one family that fails beside one that is there is no
    /// failure, because many servers cannot tell about IPv6.
    var isFailure: Bool { self.failure != nil && !self.hasAddresses }

    /// The least TTL of what was found; nil when nothing was.
    var ttl: UInt32? {
        var least: UInt32?
        for case .found(_, let ttl) in self.all { least = min(least ?? ttl, ttl) }
        return least
    }
}
