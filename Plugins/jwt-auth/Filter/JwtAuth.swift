internal import PluginSupport
public import PosternSDK

/// Lets only requests with a good JSON Web Token pass (RFC 7519, RFC 6750, RFC 8725).
public struct JwtAuth: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        struct Provider: Decodable, Sendable {
            let issuer: String?
            let audiences: [String]?
            let algorithms: [String]?
            let keys: String?
            let keysFrom: KeysFrom?
        }

        struct KeysFrom: Decodable, Sendable {
            let service: String
            let path: String
            let authority: String?
            let timeout: Duration?
            let cacheTime: Duration?
        }

        struct TokenFrom: Decodable, Sendable {
            let headers: [String]?
            let cookie: String?
            let query: String?
        }

        let providers: [Provider]
        let tokenFrom: TokenFrom?
        let required: Bool?
        let forward: Bool?
        let leeway: Duration?
        let requireExpiry: Bool?
        let claims: [String: [String]]?
        let claimsToHeaders: [String: String]?
        let metadata: [String]?
        let realm: String?
    }

    /// How times in tokens are taken.
    struct Times: Sendable {
        /// In seconds, for clocks that differ.
        let leeway: Double
        let requiresExpiry: Bool
    }

    /// A token on its way through the filter.
    private struct Attempt: Sendable {
        let token: CompactToken
        let algorithm: Algorithm
        let provider: Provider
    }

    /// The plugin's name in configurations.
    public static let name = "jwt-auth"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let providers: [Provider]
    private let places: TokenPlaces
    private let claims: ClaimPlan
    private let times: Times
    private let isRequired: Bool
    private let forwards: Bool
    private let realm: String
    private let refused: Counter

    /// Checks names, algorithms and keys.
    public init(config: Config, host: borrowing FilterHost) throws {
        var providers: [Provider] = []
        for (index, provider) in config.providers.enumerated() {
            providers.append(try Provider(provider, at: "/providers/\(index)", host: host))
            // Else a token would be tried with the keys of another issuer.
            let isOther = config.providers[..<index].contains { $0.issuer == provider.issuer }
            if config.providers.count > 1, provider.issuer == nil || isOther {
                throw ConfigProblem(
                    "/providers/\(index)/issuer", "of several providers, each needs an issuer of its own")
            }
        }
        if providers.isEmpty { throw ConfigProblem("/providers", "must have at least one provider") }
        self.providers = providers
        self.places = try TokenPlaces(config.tokenFrom, host: host)
        self.claims = try ClaimPlan(config, host: host)
        let leeway = config.leeway ?? .seconds(30)
        guard leeway <= .seconds(3600) else { throw ConfigProblem("/leeway", "must be at most 1h") }
        self.times = Times(
            leeway: leeway / .seconds(1), requiresExpiry: config.requireExpiry ?? true)
        self.isRequired = config.required ?? true
        self.forwards = config.forward ?? false
        let realm = config.realm ?? "postern"
        guard realm.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) else {
            throw ConfigProblem("/realm", "must be ASCII without quotes and backslashes, got '\(realm)'")
        }
        self.realm = realm
        self.refused = try host.counter("jwt_auth_refused_total", help: "Requests without a good token.")
    }

    /// Reads the token, and verifies it as soon as there are keys.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        self.claims.clear(&request)
        var several = false
        guard let text = self.places.token(in: request, &several) else {
            return self.isRequired ? self.refuse(&request, nil) : .continue
        }
        // Nobody could tell which of them the service reads (RFC 6750, 2).
        if self.places.isRepeated(in: request) || (several && self.forwards) {
            return self.refuse(
                &request, status: 400, error: "invalid_request", "the request has several tokens",
                details: "jwt_auth_several_tokens")
        }
        let token: CompactToken
        do throws(CompactToken.Malformed) { token = try CompactToken(text) } catch {
            return self.refuse(&request, error.reason)
        }
        guard let provider = self.provider(of: token) else {
            return self.refuse(&request, "the token is of another issuer")
        }
        guard provider.algorithms.contains(token.algorithm),
            let algorithm = Algorithm(rawValue: token.algorithm)
        else { return self.refuse(&request, "the token's algorithm is not allowed") }
        return self.proceed(
            &request, Attempt(token: token, algorithm: algorithm, provider: provider))
    }

    private func provider(of token: CompactToken) -> Provider? {
        if self.providers.count == 1 { return self.providers[0] }
        return self.providers.first { $0.issuer == token.issuer }
    }

    // MARK: Waiting for keys

    /// Goes as far as the keys that there are allow.
    private func proceed(
        _ stream: inout some FieldSection & RespondingStream & ~Copyable, _ attempt: Attempt
    ) -> FilterAction {
        let now = stream.now()
        switch attempt.provider.keys(at: now, { self.waiter(stream.handle(), attempt) }) {
        case .use(let keys):
            switch keys.verify(attempt.token, attempt.algorithm) {
            case .good: return self.judge(&stream, attempt)
            case .bad: return self.refuse(&stream, "the token's signature is not good")
            case .unknownKey: return self.refresh(&stream, attempt, now)
            }
        case .fetch: return self.fetch(&stream, attempt)
        case .wait: return .pause
        case .unavailable: return self.unavailable(&stream)
        }
    }

    /// The keys in hand lack the token's: it may be newer than they are.
    private func refresh(
        _ stream: inout some FieldSection & RespondingStream & ~Copyable, _ attempt: Attempt, _ now: Duration
    ) -> FilterAction {
        switch attempt.provider.newerKeys(at: now, { self.waiter(stream.handle(), attempt) }) {
        case .fetch: self.fetch(&stream, attempt)
        case .wait: .pause
        case .use, .unavailable: self.refuse(&stream, "the token's key is not known")
        }
    }

    private func waiter(_ handle: StreamHandle, _ attempt: Attempt) -> Provider.Waiter {
        Provider.Waiter(handle: handle) { self.goOn(&$0, attempt) }
    }

    private func fetch(
        _ stream: inout some FieldSection & RespondingStream & ~Copyable, _ attempt: Attempt
    ) -> FilterAction {
        attempt.provider.fetch(stream) { self.goOn(&$0, attempt) } ? .pause : self.unavailable(&stream)
    }

    private func goOn(_ stream: inout ResumedStream, _ attempt: Attempt) {
        if self.proceed(&stream, attempt) == .continue { stream.resume(.request) }
    }

    // MARK: Verdicts

    /// The signature is good: does the token say what it must?
    private func judge(
        _ stream: inout some FieldSection & RespondingStream & ~Copyable, _ attempt: Attempt
    ) -> FilterAction {
        let claims = attempt.token.claims
        let now = stream.timeSince1970() / .seconds(1)
        if let problem = attempt.provider.problem(attempt.token, now: now, self.times) {
            return self.refuse(&stream, problem)
        }
        if let missing = self.claims.missing(in: claims) {
            return self.refuse(
                &stream, status: 403, error: "insufficient_scope",
                "the token's claim '\(missing)' does not allow this", details: "jwt_auth_insufficient")
        }
        do throws(FieldError) {
            if !self.forwards { try self.places.remove(from: &stream) }
            try self.claims.tell(claims, to: &stream)
            return .continue
        } catch { return self.refuse(&stream, "a claim of the token fits in no header") }
    }

    /// - Parameter reason: What is wrong with the token; nil when there is none.
    private func refuse(
        _ stream: inout some RespondingStream & ~Copyable, _ reason: String?
    ) -> FilterAction {
        guard let reason else {
            return self.answer(
                &stream, 401, "Bearer realm=\"\(self.realm)\"", "no token\n", "jwt_auth_no_token")
        }
        return self.refuse(
            &stream, status: 401, error: "invalid_token", reason, details: "jwt_auth_invalid_token")
    }

    /// - Parameter reason: For the client; holds nothing of the token.
    private func refuse(
        _ stream: inout some RespondingStream & ~Copyable, status: Int, error: String, _ reason: String,
        details: String
    ) -> FilterAction {
        let quoted = reason.filter { $0 != "\"" && $0 != "\\" }
        return self.answer(
            &stream, status,
            "Bearer realm=\"\(self.realm)\", error=\"\(error)\", error_description=\"\(quoted)\"",
            "\(reason)\n", details)
    }

    private func answer(
        _ stream: inout some RespondingStream & ~Copyable, _ status: Int, _ challenge: String, _ body: String,
        _ details: String
    ) -> FilterAction {
        stream.add(to: self.refused)
        let headers = [(name: "www-authenticate", value: challenge)]
        return (try? stream.respond(status: status, headers: headers, body: body, details: details))
            ?? .failed
    }

    private func unavailable(_ stream: inout some RespondingStream & ~Copyable) -> FilterAction {
        stream.add(to: self.refused)
        return
            (try? stream.respond(
                status: 503, headers: [("retry-after", "5")], body: "tokens cannot be verified at present\n",
                details: "jwt_auth_no_keys")) ?? .failed
    }
}
