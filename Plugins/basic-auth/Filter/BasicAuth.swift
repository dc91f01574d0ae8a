internal import PluginSupport
public import PosternSDK
internal import Synchronization

/// Lets only requests with a known user and password pass (RFC 7617), and tells the service whose they are.
public struct BasicAuth: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        struct User: Decodable, Sendable {
            let name: String
            let hash: String
        }

        let users: [User]?
        let usersFrom: String?
        let realm: String?
        let consumerHeader: String?
        let hideCredentials: Bool?
        let cacheTime: Duration?
    }

    /// Passwords that are being hashed for one filter.
    private final class Queue: Sendable {
        let waiting = Atomic<Int>(0)
        /// More would wait longer than anybody does.
        static let limit = 256
    }

    /// The plugin's name in configurations.
    public static let name = "basic-auth"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let users: UserList
    private let challenge: String
    private let consumerHeader: HeaderName
    private let hidesCredentials: Bool
    private let cacheTime: Duration
    private let answers: Store
    /// Makes what the cache is asked for; another one in every filter, so that a reload with other passwords
    /// finds nothing of the old ones.
    private let secret: [UInt8]
    private let queue = Queue()
    private let refused: Counter
    private let hashed: Counter

    /// Checks names and hashes.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.users = try UserList(config.users ?? [], text: config.usersFrom)
        let realm = config.realm ?? "postern"
        guard realm.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) else {
            throw ConfigProblem("/realm", "must be ASCII without quotes and backslashes, got '\(realm)'")
        }
        self.challenge = "Basic realm=\"\(realm)\", charset=\"UTF-8\""
        self.consumerHeader = try host.headerName(
            config.consumerHeader ?? "x-consumer", at: "/consumerHeader")
        if self.consumerHeader == .authorization {
            throw ConfigProblem("/consumerHeader", "must not be the header that carries the password")
        }
        self.hidesCredentials = config.hideCredentials ?? true
        self.cacheTime = config.cacheTime ?? .seconds(300)
        guard self.cacheTime <= .seconds(86_400) else {
            throw ConfigProblem("/cacheTime", "must be at most 24h")
        }
        self.answers = host.store()
        var random = SystemRandomNumberGenerator()
        self.secret = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
        self.refused = try host.counter(
            "basic_auth_refused_total", help: "Requests without a known user and password.")
        self.hashed = try host.counter(
            "basic_auth_hashed_total", help: "Passwords that were hashed, as no recent answer was known.")
    }

    /// Looks for a recent answer, else has the password hashed elsewhere and waits.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        let credentials: [UInt8]?
        // The view of the field ends with this scope, so that the request can be changed after it.
        if let field = request.header(.authorization) {
            credentials = Self.credentials(field)
        } else {
            return self.refuse(&request, "no user and password\n", details: "basic_auth_no_credentials")
        }
        guard let credentials, let colon = credentials.firstIndex(of: 0x3A) else {
            return self.refuse(&request, "no user and password\n", details: "basic_auth_malformed")
        }
        // Allocates, as all of this does; a password costs a thousand times as much.
        let key = Self.hexadecimal(SHA256.hash(self.secret + credentials))
        if self.cacheTime > .zero, let answer = request.get(key, in: self.answers) {
            return try self.finish(&request, Int(String(decoding: answer, as: UTF8.self)))
        }
        return self.hash(&request, credentials, colon, key)
    }

    private func hash(
        _ request: inout RequestHead, _ credentials: [UInt8], _ colon: Int, _ key: String
    ) -> FilterAction {
        let index = self.users.index(of: Array(credentials[..<colon]))
        // An unknown user takes as long as a known one: nobody can ask who there is.
        let hash = self.users.hashes[index ?? 0]
        let password = Array(credentials[(colon + 1)...])
        let queue = self.queue
        let isQueued =
            queue.waiting.add(1, ordering: .relaxed).newValue <= Queue.limit
            && request.offload(
                { () -> Int? in
                    defer { queue.waiting.subtract(1, ordering: .relaxed) }
                    return hash.matches(password) ? index : nil
                },
                then: { stream, user in
                    stream.add(to: self.hashed)
                    if self.cacheTime > .zero {
                        let answer = Array((user.map(String.init) ?? "-").utf8)
                        // A full store only means that the password is hashed again.
                        try? stream.set(key, answer.span, in: self.answers, lifetime: self.cacheTime)
                    }
                    if (try? self.finish(&stream, user)) == .continue { stream.resume(.request) }
                })
        if isQueued { return .pause }
        queue.waiting.subtract(1, ordering: .relaxed)
        return Self.respond(
            &request, status: 503, headers: [("retry-after", "1")], "too many passwords at once\n",
            "basic_auth_busy")
    }

    /// - Parameter user: Whose the password is; nil for nobody.
    private func finish(
        _ stream: inout some FieldSection & RespondingStream & ~Copyable, _ user: Int?
    ) throws -> FilterAction {
        guard let user, self.users.names.indices.contains(user) else {
            return self.refuse(
                &stream, "this user and password are not accepted\n", details: "basic_auth_unknown")
        }
        let name = self.users.names[user]
        if self.hidesCredentials { stream.removeHeader(.authorization) }
        try stream.setHeader(self.consumerHeader, name)
        stream.setMetadata(Self.name, "user", name)
        return .continue
    }

    private func refuse(
        _ stream: inout some RespondingStream & ~Copyable, _ body: String, details: String
    ) -> FilterAction {
        stream.add(to: self.refused)
        return Self.respond(
            &stream, status: 401, headers: [("www-authenticate", self.challenge)], body, details)
    }

    private static func respond(
        _ stream: inout some RespondingStream & ~Copyable, status: Int,
        headers: [(name: String, value: String)], _ body: String, _ details: String
    ) -> FilterAction {
        (try? stream.respond(status: status, headers: headers, body: body, details: details)) ?? .failed
    }

    /// What `Basic …` says: user, colon, password; nil for another scheme or what is no base64.
    private static func credentials(_ field: Span<UInt8>) -> [UInt8]? {
        guard field.hasPrefix(lowercase: "basic ") else { return nil }
        let rest = field.extracting(6..<field.count)
        return Base64.decode(rest.extracting(rest.trimmedRange))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
