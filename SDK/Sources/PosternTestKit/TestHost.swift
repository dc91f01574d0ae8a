public import PosternSDK
internal import Synchronization

/// A host in this process, without sockets and with a clock that stands still until it is told to move.
///
/// Configure a filter, send it requests, and look at what became of them:
///
///     let host = TestHost()
///     let filter = try host.configure(Hello.self, #"{ "greeting": "Good day" }"#)
///     let exchange = filter.send(TestRequest(headers: ["x-user": "jason"]))
///     exchange.answer(TestResponse(200, body: "from the service"))
///     #expect(exchange.response?.headers["x-hello"] == "Good day, jason")
///
/// Use it from one thread. Threads that the filter starts itself may log and post; ``run()`` lets what they
/// posted happen.
public final class TestHost: @unchecked Sendable {
    // SAFETY: what other threads reach is in `shared`, a mutex; all else is the test's thread's.

    /// A line that a filter logged.
    public struct LogLine: Sendable, Hashable {
        /// How loud.
        public let level: Log.Level
        /// What it says.
        public let message: String
    }

    struct Shared {
        var lines: [LogLine] = []
        var posted: [PostedWork] = []
        var offloaded: [@Sendable () -> Void] = []
    }

    let shared = Mutex(Shared())
    /// With a configuration, plugins count from any thread.
    let counting = Mutex(())
    var metrics: [Metric] = []
    var stores: [String: [String: StoredValue]] = [:]
    var buckets: [String: TestBuckets] = [:]
    var pending: [PendingWork] = []
    var pendingMade: UInt64 = 0

    /// The monotonic clock; ``advance(by:)`` moves it.
    public internal(set) var time: Duration = .seconds(1)
    /// The time since 1970 at the start; it moves with ``time``.
    public var timeSince1970: Duration = .seconds(1_700_000_000)
    /// The services of the configuration; nil: every name that the filter asks for is one.
    public var services: Set<String>?
    /// The least level that is logged.
    public var logLevel = Log.Level.trace
    /// How much blocking work may wait.
    public var offloadLimit = 1024

    /// A host without filters.
    public init() {}

    /// What filters logged, in order.
    public var log: [LogLine] { self.shared.withLock { $0.lines } }

    // MARK: Time and work

    /// Moves the clocks on, fires what is due, in order, and lets callouts time out.
    public func advance(by duration: Duration) {
        let end = self.time + duration
        while let next = self.pending.filter({ $0.deadline <= end }).min(by: {
            ($0.deadline, $0.id) < ($1.deadline, $1.id)
        }) {
            self.move(to: next.deadline)
            self.take(next.id)?.expire()
            self.run()
        }
        self.move(to: end)
        self.run()
    }

    private func move(to time: Duration) {
        guard time > self.time else { return }
        self.timeSince1970 += time - self.time
        self.time = time
    }

    /// Does the blocking work that was offloaded, here, and what was posted, until nothing is left.
    public func run() {
        while true {
            let (offloaded, posted) = self.shared.withLock { shared in
                defer { (shared.offloaded, shared.posted) = ([], []) }
                return (shared.offloaded, shared.posted)
            }
            if offloaded.isEmpty, posted.isEmpty { return }
            for work in offloaded { work() }
            for work in posted { work.run() }
        }
    }

    /// Pieces of blocking work that wait for ``run()``.
    public var offloadedCount: Int { self.shared.withLock { $0.offloaded.count } }

    // MARK: Callouts

    /// Requests to services that wait for an answer, in order.
    public var callouts: [TestCallout] { self.pending.compactMap(\.callout) }

    /// Answers the callout that has waited for longest.
    ///
    /// - Returns: false when none waits.
    @discardableResult
    public func answer(_ response: TestResponse) -> Bool {
        guard let next = self.pending.first(where: { $0.callout != nil }) else { return false }
        self.take(next.id)?.answer(.success(response))
        self.run()
        return true
    }

    /// Lets the callout that has waited for longest fail.
    ///
    /// - Returns: false when none waits.
    @discardableResult
    public func fail(_ failure: CalloutFailure) -> Bool {
        guard let next = self.pending.first(where: { $0.callout != nil }) else { return false }
        self.take(next.id)?.answer(.failure(failure))
        self.run()
        return true
    }

    /// Removes what is waited for.
    func take(_ id: UInt64) -> PendingWork? {
        guard let index = self.pending.firstIndex(where: { $0.id == id }) else { return nil }
        return self.pending.remove(at: index)
    }

    /// What a filter's exchanges wait for, callouts and timers alike.
    public var pendingCount: Int { self.pending.count }
}

/// A request that a filter sends to a service.
public struct TestCallout: Sendable, Hashable {
    /// The service's name.
    public let service: String
    /// What is sent.
    public let request: TestRequest
    /// The longest wait for the whole answer.
    public let timeout: Duration
    /// The most body of an answer, in bytes.
    public let answerLimit: Int
}
