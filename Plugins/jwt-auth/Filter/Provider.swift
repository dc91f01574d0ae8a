internal import PosternSDK
internal import Synchronization

/// Who makes tokens, with what they must say and the keys that they are signed with.
final class Provider: Sendable {
    /// A request that waits for keys.
    struct Waiter: Sendable {
        let handle: StreamHandle
        let goOn: @Sendable (inout ResumedStream) -> Void
    }

    private enum Source: Sendable {
        case fixed(KeySet)
        case fetched(Callout)
    }

    let issuer: String?
    let audiences: Set<String>
    let algorithms: Set<String>
    private let source: Source
    private let log: Log
    /// Shared by all workers, so that one fetch serves them all. Held for some instructions, and only where
    /// keys are fetched.
    private let cache: Mutex<KeyCache<KeySet, Waiter>>

    init(
        _ config: JwtAuth.Config.Provider, at pointer: String, host: borrowing FilterHost
    ) throws(ConfigProblem) {
        self.issuer = config.issuer
        self.audiences = Set(config.audiences ?? [])
        self.algorithms = Set(config.algorithms ?? Algorithm.asymmetric.map(\.rawValue))
        for (index, name) in (config.algorithms ?? []).enumerated() where Algorithm(rawValue: name) == nil {
            let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigProblem("\(pointer)/algorithms/\(index)", "must be one of \(known), got '\(name)'")
        }
        var lifetime = Duration.zero
        switch (config.keys, config.keysFrom) {
        case (let text?, nil):
            do { self.source = .fixed(try KeySet(Array(text.utf8))) } catch {
                throw ConfigProblem("\(pointer)/keys", error.message)
            }
        case (nil, let from?):
            lifetime = from.cacheTime ?? .seconds(600)
            guard lifetime >= .seconds(1) else {
                throw ConfigProblem("\(pointer)/keysFrom/cacheTime", "must be at least 1s")
            }
            guard from.path.hasPrefix("/") else {
                throw ConfigProblem("\(pointer)/keysFrom/path", "must begin with '/', got '\(from.path)'")
            }
            let timeout = from.timeout ?? .seconds(2)
            guard timeout > .zero else {
                throw ConfigProblem("\(pointer)/keysFrom/timeout", "must be more than 0")
            }
            self.source = .fetched(
                Callout(
                    to: try host.service(from.service, at: "\(pointer)/keysFrom/service"), path: from.path,
                    authority: from.authority ?? "", headers: [("accept", "application/json")],
                    timeout: timeout, answerLimit: 512 << 10))
        default:
            throw ConfigProblem(pointer, "must have exactly one of keys and keysFrom")
        }
        self.log = host.log
        self.cache = Mutex(KeyCache(lifetime: lifetime))
    }

    // MARK: Keys

    func keys(at now: Duration, _ waiter: () -> Waiter) -> KeyCache<KeySet, Waiter>.Action {
        if case .fixed(let keys) = self.source { return .use(keys) }
        return self.cache.withLock { $0.keys(at: now, waiter) }
    }

    /// Keys that may have one that those in hand lack.
    func newerKeys(at now: Duration, _ waiter: () -> Waiter) -> KeyCache<KeySet, Waiter>.Action {
        if case .fixed = self.source { return .unavailable }
        return self.cache.withLock { $0.newerKeys(at: now, waiter) }
    }

    /// Asks for the keys; `done` is called when the cache has them, or knows that there are none.
    ///
    /// - Returns: false when they could not even be asked for; the cache knows.
    func fetch(
        _ stream: borrowing some HTTPStream & ~Copyable, _ done: @escaping (inout ResumedStream) -> Void
    ) -> Bool {
        guard case .fetched(let callout) = self.source else { return false }
        // Lives as long as somebody may still call back: a request that ends while it fetches lets go of it.
        let fetch = Fetch(self)
        do throws(CalloutFailure) {
            try stream.call(callout) { stream, result in
                fetch.end(result, at: stream.now())
                done(&stream)
            }
            return true
        } catch {
            self.failed("\(error)", at: stream.now())
            return false
        }
    }

    private final class Fetch {
        private let provider: Provider
        private var isOver = false

        init(_ provider: Provider) { self.provider = provider }

        deinit { if !self.isOver { self.provider.abandoned() } }

        func end(_ result: Result<CalloutAnswer, CalloutFailure>, at now: Duration) {
            self.isOver = true
            switch result {
            case .failure(let failure): self.provider.failed("\(failure)", at: now)
            case .success(let answer):
                guard answer.status == 200 else {
                    return self.provider.failed("status \(answer.status)", at: now)
                }
                do throws(ConfigProblem) {
                    self.provider.fetched(try KeySet(answer.body), at: now)
                } catch { self.provider.failed(error.message, at: now) }
            }
        }
    }

    private func fetched(_ keys: KeySet, at now: Duration) {
        self.log(
            .info, "fetched \(keys.keys.count) keys\(keys.ignored > 0 ? ", ignored \(keys.ignored)" : "")")
        Self.wake(self.cache.withLock { $0.fetched(keys, at: now) })
    }

    private func failed(_ reason: String, at now: Duration) {
        self.log(.warning, "cannot fetch keys of '\(self.issuer ?? "any issuer")': \(reason)")
        Self.wake(self.cache.withLock { $0.failed(at: now) })
    }

    private func abandoned() { Self.wake(self.cache.withLock { $0.abandoned() }) }

    private static func wake(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.handle.post(waiter.goOn) }
    }

    // MARK: Claims

    /// What is wrong with a token whose signature is good; nil when nothing is.
    ///
    /// - Parameter now: Seconds since 1970.
    func problem(_ token: CompactToken, now: Double, _ times: JwtAuth.Times) -> String? {
        if let issuer = self.issuer, token.issuer != issuer { return "the token is of another issuer" }
        if !self.audiences.isEmpty {
            let isMeant: Bool
            switch token.claims["aud"] {
            case .string(let audience): isMeant = self.audiences.contains(audience)
            case .array(let audiences):
                isMeant = audiences.contains { $0.text.map(self.audiences.contains) ?? false }
            default: isMeant = false
            }
            if !isMeant { return "the token is for another audience" }
        }
        for name in ["exp", "nbf", "iat"] {
            guard let claim = token.claims[name] else {
                if name == "exp", times.requiresExpiry { return "the token does not say when it expires" }
                continue
            }
            guard let time = claim.number else { return "the token's times are no numbers" }
            if name == "exp" {
                if now - times.leeway >= time { return "the token has expired" }
            } else if now + times.leeway < time {
                return "the token is not valid yet"
            }
        }
        return nil
    }
}
