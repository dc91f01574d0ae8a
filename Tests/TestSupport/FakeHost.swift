public import Filtering
internal import Synchronization

/// A process that records log lines and defined metrics; its token buckets are the base class's, which allow
/// all.
public final class FakeHost: FilterHost, @unchecked Sendable {
    // SAFETY: the state is in a mutex.
    private struct State {
        var lines: [Line] = []
        var metrics: [String: UInt32] = [:]
        var level = FilterLogLevel.trace
    }

    /// A line of a filter's log.
    public struct Line: Sendable, Hashable {
        public var level: FilterLogLevel
        public var filter: String
        public var message: String
    }

    private let state = Mutex(State())

    public override init() { super.init() }

    public var lines: [Line] { self.state.withLock { $0.lines } }

    /// The least level that is logged.
    public var level: FilterLogLevel {
        get { self.state.withLock { $0.level } }
        set { self.state.withLock { $0.level = newValue } }
    }

    /// The metric that was defined under that name.
    public func metric(filter: String, name: String) -> FilterMetric? {
        self.state.withLock { $0.metrics["\(filter)/\(name)"] }.map(FilterMetric.init(rawValue:))
    }

    public override func defineMetric(
        filter: String, name: String, help: String, kind: FilterMetricKind, bounds: [UInt64]
    ) -> FilterMetric? {
        self.state.withLock {
            let key = "\(filter)/\(name)"
            let number = $0.metrics[key] ?? UInt32($0.metrics.count)
            $0.metrics[key] = number
            return FilterMetric(rawValue: number)
        }
    }

    public override func tokenBuckets(
        name: String, capacity: UInt64, interval: Duration, keys: Int
    ) -> TokenBucketSet? { TokenBucketSet() }

    public override func log(_ level: FilterLogLevel, filter: String, _ message: String) {
        self.state.withLock { $0.lines.append(Line(level: level, filter: filter, message: message)) }
    }

    public override func isLogged(_ level: FilterLogLevel) -> Bool {
        self.state.withLock { level.rawValue >= $0.level.rawValue }
    }
}
