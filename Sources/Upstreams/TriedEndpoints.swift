/// The endpoints that one request has been sent to in vain, so that the next attempt goes elsewhere.
///
/// A plain value without heap storage: it lies in the exchange.
public struct TriedEndpoints: Sendable {
    /// The most endpoints remembered; more than `retry.attempts` allows.
    public static let limit = 16

    private var slots = InlineArray<16, Int32>(repeating: -1)
    /// How many are remembered.
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { self.count == 0 }

    /// Remembers the endpoint; past ``limit`` it does nothing.
    public mutating func insert(_ slot: Int) {
        guard self.count < Self.limit, !self.contains(slot) else { return }
        self.slots[self.count] = Int32(truncatingIfNeeded: slot)
        self.count += 1
    }

    /// - Complexity: O(``count``).
    public func contains(_ slot: Int) -> Bool {
        for index in 0..<self.count where Int(self.slots[index]) == slot { return true }
        return false
    }
}
