internal import Synchronization

extension TestHost {
    struct Metric {
        let name: String
        let kind: UInt32
        var value: UInt64 = 0
        var observations: [UInt64] = []
    }

    /// The counter or gauge of that name, without `postern_filter_` or `postern_adapter_`; 0 when there is
    /// none.
    public func metric(_ name: String) -> UInt64 {
        self.metrics.first { $0.name == name }?.value ?? 0
    }

    /// The values that the histogram of that name was given.
    public func observations(_ name: String) -> [UInt64] {
        self.metrics.first { $0.name == name }?.observations ?? []
    }

    /// - Returns: nil when the name is malformed, or a metric of another kind.
    func define(_ name: String, kind: UInt32) -> UInt32? {
        guard (1...3).contains(kind), let first = name.utf8.first, (0x61...0x7A).contains(first),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
        else { return nil }
        if let index = self.metrics.firstIndex(where: { $0.name == name }) {
            return self.metrics[index].kind == kind ? UInt32(index) : nil
        }
        self.metrics.append(Metric(name: name, kind: kind))
        return UInt32(self.metrics.count - 1)
    }

    /// From any thread.
    func change(_ number: UInt32, _ body: (inout Metric) -> Void) {
        self.counting.withLock { _ in
            if Int(number) < self.metrics.count { body(&self.metrics[Int(number)]) }
        }
    }
}

/// Buckets of tokens by key that fill up with the host's clock.
struct TestBuckets {
    let capacity: UInt64
    let interval: UInt64
    /// Tokens times ``interval``, so that fractions of a token are whole, and when they were counted.
    private var levels: [[UInt8]: (level: UInt128, at: UInt64)] = [:]

    init(capacity: UInt64, interval: UInt64) {
        self.capacity = capacity
        self.interval = interval
    }

    struct Answer {
        var isAllowed: Bool
        var remaining, retryAfter, reset: UInt64
    }

    mutating func take(_ tokens: UInt64, _ key: [UInt8], now: UInt64) -> Answer {
        let (rate, whole) = (UInt128(self.capacity), UInt128(self.capacity) * UInt128(self.interval))
        let before = self.levels[key] ?? (whole, now)
        var level = min(whole, before.level + UInt128(now - before.at) * rate)
        let wanted = UInt128(tokens) * UInt128(self.interval)
        let isAllowed = wanted <= level
        let missing = isAllowed ? 0 : wanted - level
        if isAllowed { level -= wanted }
        self.levels[key] = (level, now)
        return Answer(
            isAllowed: isAllowed, remaining: UInt64(level / UInt128(self.interval)),
            retryAfter: UInt64(clamping: (missing + rate - 1) / rate),
            reset: UInt64(clamping: (whole - level + rate - 1) / rate))
    }
}
