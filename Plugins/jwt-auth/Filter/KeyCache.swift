/// When the keys of a provider are fetched, used and waited for.
///
/// Pure: no clock, no I/O; times are those of a monotonic clock.
///
///     empty --needed--> fetching --keys--> fresh --older than the cache's time--> fetching --failed--> stale
///       '---------------- failed: nobody asks again for a while ------------------'
struct KeyCache<Keys: Sendable, Waiter: Sendable>: Sendable {
    /// What a request must do now.
    enum Action {
        case use(Keys)
        /// Fetch the keys, and say ``fetched(_:at:)`` or ``failed(at:)`` or ``abandoned()``.
        case fetch
        /// Remembered; goes on when the one that fetches is done.
        case wait
        /// There are no keys, and asking again so soon would not help.
        case unavailable
    }

    let lifetime: Duration
    /// Between two fetches that unknown keys ask for.
    let refreshInterval: Duration
    /// Between a failure and the next try.
    let retryInterval: Duration
    /// How long after ``lifetime`` keys serve when they cannot be fetched again.
    let staleTime: Duration
    let waiterLimit: Int

    private var keys: Keys?
    private var fetchedAt = Duration.zero
    private var isFetching = false
    private var retryAt: Duration?
    private var waiters: [Waiter] = []

    init(
        lifetime: Duration, refreshInterval: Duration = .seconds(30), retryInterval: Duration = .seconds(5),
        staleTime: Duration = .seconds(3600), waiterLimit: Int = 1024
    ) {
        self.lifetime = lifetime
        self.refreshInterval = refreshInterval
        self.retryInterval = retryInterval
        self.staleTime = staleTime
        self.waiterLimit = waiterLimit
    }

    /// - Parameter waiter: Called for only when the answer is ``Action/wait``.
    mutating func keys(at now: Duration, _ waiter: () -> Waiter) -> Action {
        if let keys = self.keys, now - self.fetchedAt < self.lifetime { return .use(keys) }
        if self.retryAt.map({ now < $0 }) ?? false { return self.old(at: now) }
        return self.fetchOrWait(waiter) ?? self.old(at: now)
    }

    /// Keys that may have a key that those in hand lack.
    ///
    /// - Returns: ``Action/unavailable`` when it is too soon to ask again.
    mutating func newerKeys(at now: Duration, _ waiter: () -> Waiter) -> Action {
        if !self.isFetching {
            let isSoon = self.keys != nil && now - self.fetchedAt < self.refreshInterval
            if isSoon || self.retryAt.map({ now < $0 }) ?? false { return .unavailable }
        }
        return self.fetchOrWait(waiter) ?? .unavailable
    }

    private mutating func fetchOrWait(_ waiter: () -> Waiter) -> Action? {
        if !self.isFetching {
            self.isFetching = true
            return .fetch
        }
        guard self.waiters.count < self.waiterLimit else { return nil }
        self.waiters.append(waiter())
        return .wait
    }

    private func old(at now: Duration) -> Action {
        guard let keys = self.keys, now - self.fetchedAt < self.lifetime + self.staleTime else {
            return .unavailable
        }
        return .use(keys)
    }

    /// - Returns: Who may go on.
    mutating func fetched(_ keys: Keys, at now: Duration) -> [Waiter] {
        self.keys = keys
        self.fetchedAt = now
        self.retryAt = nil
        return self.end()
    }

    /// - Returns: Who may go on; nobody fetches before a while is over.
    mutating func failed(at now: Duration) -> [Waiter] {
        self.retryAt = now + self.retryInterval
        return self.end()
    }

    /// The request that fetched is over before the answer.
    ///
    /// - Returns: Who may go on; the first of them fetches.
    mutating func abandoned() -> [Waiter] { self.end() }

    private mutating func end() -> [Waiter] {
        self.isFetching = false
        defer { self.waiters = [] }
        return self.waiters
    }
}
