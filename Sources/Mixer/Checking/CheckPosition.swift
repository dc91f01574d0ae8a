/// How far the checks of one request have come, and what they have done to it.
public struct CheckPosition: Sendable {
    var rule = 0
    var step = 0
    var isMatched = false
    /// Whether the rule at hand has changed the request in a pass before this one.
    var hasChanged = false
    /// Rules that matched and change fields, by their number in the plan: the response's are due.
    private(set) var changing: [Int] = []
    /// What was granted of quotas, as hashes of the records.
    private var granted: [UInt64] = []
    private var isAgain = false
    /// Whether an answer of a handler was remembered; nil: none was asked.
    public internal(set) var isCacheHit: Bool?

    public init() {}

    /// Makes it ready for another request. Memory is kept.
    public mutating func reset() {
        self.startAgain()
        self.changing.removeAll(keepingCapacity: true)
        self.granted.removeAll(keepingCapacity: true)
        self.isAgain = false
        self.isCacheHit = nil
    }

    /// Begins another pass over all rules, after one that came to its end. What rules have done to the
    /// request is not done a second time: fields are changed once by each, and a quota that was granted is
    /// not asked for when its record is the same.
    public mutating func startAgain() {
        self.rule = 0
        self.step = 0
        self.isMatched = false
        self.isAgain = true
    }

    /// The rule at hand, which changes fields, has matched.
    mutating func noteChange() {
        self.hasChanged = self.isAgain && self.changing.contains(self.rule)
        if !self.hasChanged { self.changing.append(self.rule) }
    }

    mutating func noteGrant(_ hash: UInt64) { self.granted.append(hash) }

    func wasGranted(_ hash: UInt64) -> Bool { self.isAgain && self.granted.contains(hash) }
}
