/// The bounds of the time between two look-ups of a name, which its TTL decides.
public struct DNSRefresh: Sendable, Hashable {
    /// Also for a TTL of 0, and after the answer that there is no such name.
    ///
    /// Default 5s; 100ms...24h. Key `min`.
    public var minimum: Duration
    /// Default 5m; 100ms...24h, at least `min`. Key `max`.
    public var maximum: Duration

    public init(minimum: Duration = .seconds(5), maximum: Duration = .seconds(300)) {
        self.minimum = minimum
        self.maximum = maximum
    }
}
