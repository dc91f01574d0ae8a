public import Primitives

/// A bounded table of keys and values that all workers share; every operation is atomic.
///
/// Values are bytes; a counter is its decimal digits. When the table is full, what has expired goes first,
/// then what has not been used for longest, roughly. From any thread; never blocks for long.
open class FilterStore: @unchecked Sendable {
    // SAFETY: no stored state here; a subclass synchronises its own.
    public init() {}

    /// The longest key and value, in bytes.
    public static let keyLimit = 1024
    public static let valueLimit = 1 << 19

    /// A copy of the value; nil when there is none, or it has expired.
    open func get(_ key: ByteView, now: MonotonicTime) -> [UInt8]? { nil }

    /// - Parameter lifetime: Nanoseconds until the value expires; 0 keeps it.
    /// - Returns: false when key or value is over its limit.
    open func set(_ key: ByteView, _ value: ByteView, lifetime: UInt64, now: MonotonicTime) -> Bool { false }

    /// Sets the value when the present one is `expected`; nil stands for no value.
    ///
    /// - Returns: Whether it was, and has been set.
    open func compareAndSet(
        _ key: ByteView, expected: ByteView?, _ value: ByteView, lifetime: UInt64, now: MonotonicTime
    ) -> Bool { false }

    /// Adds to a number; one that is not there counts as 0.
    ///
    /// - Parameter lifetime: Set when the number is made, left alone otherwise.
    /// - Returns: The sum; nil when the value is no number, the sum overflows, or the key is over its limit.
    open func increment(_ key: ByteView, by amount: Int64, lifetime: UInt64, now: MonotonicTime) -> Int64? {
        nil
    }

    /// - Returns: Whether there was a value.
    open func remove(_ key: ByteView, now: MonotonicTime) -> Bool { false }
}
