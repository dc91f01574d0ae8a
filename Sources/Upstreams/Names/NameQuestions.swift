internal import Reactor

/// Which questions a look-up asks, one candidate after the other, and what becomes of the answers; pure.
///
/// A candidate is the name in one of the search domains, or as it is. The first that exists is it: so both
/// families come from the same name.
///
///     ask ──► both families answered ──► one found ───────────────────► done
///      ▲                          ├────► one failed ──────────────────► done, nobody can tell
///      └──── next candidate ◄─────┴────► there is no such name ───────► done after the last
struct NameQuestions {
    enum Action: Equatable {
        case wait
        /// Ask for every family of this name.
        case ask(String)
        case done(FamilyAnswers)
    }

    let families: [AddressFamily]
    private var candidates: ArraySlice<String>
    private(set) var answers = FamilyAnswers()

    init(_ name: String, families: [AddressFamily], searchDomains: [String], dots: Int) {
        self.families = families
        self.candidates = Self.candidates(name, searchDomains, dots)[...]
    }

    static func candidates(_ name: String, _ searchDomains: [String], _ dots: Int) -> [String] {
        if name.hasSuffix(".") { return [String(name.dropLast())] }
        let inDomains = searchDomains.map { "\(name).\($0)" }.filter { $0.utf8.count <= 253 }
        return name.utf8.count { $0 == 0x2E } >= dots ? [name] + inDomains : inDomains + [name]
    }

    /// The first question.
    mutating func begin() -> Action { self.next() }

    private mutating func next() -> Action {
        guard let name = self.candidates.popFirst() else { return .done(self.answers) }
        self.answers = FamilyAnswers()
        return .ask(name)
    }

    mutating func answered(_ family: AddressFamily, _ answer: DNSAnswer) -> Action {
        switch answer {
        case .found(let addresses, let ttl):
            let usable = addresses.filter(\.isConnectable)
            self.answers[family] = usable.isEmpty ? FamilyAnswers.Answer.none : .found(usable, ttl: ttl)
        case .noName, .noData: self.answers[family] = FamilyAnswers.Answer.none
        case .failed(let reason): self.answers[family] = .failed(reason)
        }
        guard self.families.allSatisfy({ self.answers[$0] != nil }) else { return .wait }
        if self.answers.hasAddresses || self.answers.failure != nil { return .done(self.answers) }
        return self.next()
    }
}
