/// A fast generator for identifiers and load balancing: xoshiro256++ (Blackman and Vigna, 2019).
///
/// Not for secrets. One a worker, so no lock; seeded from the system's generator.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var a, b, c, d: UInt64

    public init() {
        var system = SystemRandomNumberGenerator()
        self.init(seed: (system.next(), system.next(), system.next(), system.next() | 1))
    }

    /// The same seed gives the same numbers; at least one word must not be 0.
    public init(seed: (UInt64, UInt64, UInt64, UInt64)) {
        (self.a, self.b, self.c, self.d) = seed
    }

    public mutating func next() -> UInt64 {
        let sum = self.a &+ self.d
        let result = (sum << 23 | sum >> 41) &+ self.a
        let shifted = self.b << 17
        self.c ^= self.a
        self.d ^= self.b
        self.b ^= self.c
        self.a ^= self.d
        self.c ^= shifted
        self.d = self.d << 45 | self.d >> 19
        return result
    }
}
