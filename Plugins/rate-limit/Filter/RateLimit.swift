public import PosternSDK

/// Lets at most so many requests of one client pass in a time: a token bucket for each key, shared by all
/// workers.
public struct RateLimit: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let requests: UInt64
        let per: Duration
        let burst: UInt64?
        let by: String?
    }

    /// What the request's answer was, for the fields of the response.
    public struct StreamState: Sendable {
        var remaining: UInt64 = 0
        var resetSeconds: Int64 = 0
        var isCounted = false
    }

    /// The plugin's name in configurations.
    public static let name = "rate-limit"
    /// The plugin's version.
    public static let version = "0.1.0"
    /// The most keys remembered at once; the host forgets full buckets first.
    static let keys = 65_536

    private let capacity: UInt64
    private let buckets: TokenBuckets
    private let key: Attribute
    private let refused: Counter
    private let limitHeader, remainingHeader, resetHeader: HeaderName

    /// Compiles `by` and asks the host for the buckets.
    public init(config: Config, host: borrowing FilterHost) throws {
        guard config.requests >= 1 else { throw ConfigProblem("/requests", "must be at least 1, got 0") }
        guard config.per >= .milliseconds(1) else { throw ConfigProblem("/per", "must be at least 1ms") }
        let burst = config.burst ?? config.requests
        guard burst >= 1 else { throw ConfigProblem("/burst", "must be at least 1, got 0") }
        let expression = config.by ?? "source.address"
        self.capacity = burst
        self.key = try host.attribute(expression, at: "/by")
        // Tokens come back at `requests` in `per`, so a bucket of `burst` needs this long to fill up.
        let interval = config.per * (Double(burst) / Double(config.requests))
        self.buckets = try host.tokenBuckets(expression, capacity: burst, interval: interval, keys: Self.keys)
        self.refused = try host.counter("rate_limit_refused_total", help: "Requests over the limit.")
        self.limitHeader = try host.headerName("ratelimit-limit")
        self.remainingHeader = try host.headerName("ratelimit-remaining")
        self.resetHeader = try host.headerName("ratelimit-reset")
    }

    /// A request that is not counted yet.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Takes a token; 429 without one.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        let answer = self.take(request)
        state = StreamState(
            remaining: answer.remaining, resetSeconds: answer.reset.roundedUp, isCounted: true
        )
        if answer.isAllowed { return .continue }
        request.add(to: self.refused)
        return try request.respond(
            status: 429,
            headers: [
                ("retry-after", String(max(answer.retryAfter.roundedUp, 1))),
                ("ratelimit-limit", String(self.capacity)),
                ("ratelimit-remaining", String(answer.remaining)),
                ("ratelimit-reset", String(state.resetSeconds)),
            ],
            body: "too many requests\n",
            details: "rate_limit_over_limit"
        )
    }

    /// Says how much is left; of several limits on one request, the one with the least.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard state.isCounted else { return .continue }
        if let other = response.text(self.remainingHeader), let left = UInt64(other), left <= state.remaining
        {
            return .continue
        }
        try response.setHeader(self.limitHeader, String(self.capacity))
        try response.setHeader(self.remainingHeader, String(state.remaining))
        try response.setHeader(self.resetHeader, String(state.resetSeconds))
        return .continue
    }

    /// Requests without the attribute share one bucket: leaving a header out must not lift the limit.
    private func take(_ request: borrowing RequestHead) -> TokenAnswer {
        if let key = request.attribute(self.key) { return request.take(from: self.buckets, key: key) }
        return request.take(from: self.buckets, key: Span())
    }
}

extension Duration {
    /// Whole seconds, upwards: a client that waits that long has waited long enough.
    var roundedUp: Int64 { self.components.seconds + (self.components.attoseconds > 0 ? 1 : 0) }
}
