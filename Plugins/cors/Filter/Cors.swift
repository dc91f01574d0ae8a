internal import PluginSupport
public import PosternSDK

/// Lets pages of other origins read responses, and answers the browsers' preflight requests (Fetch, 3.2).
public struct Cors: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let origins: [String]?
        let originPatterns: [String]?
        let methods: [String]?
        let headers: [String]?
        let exposedHeaders: [String]?
        let credentials: Bool?
        let maxAge: Duration?
        let privateNetwork: Bool?
        let answerPreflight: Bool?
        let refuseOthers: Bool?
    }

    /// What the request's `origin` was found to be.
    enum Verdict: UInt8, Sendable {
        /// There is none: no page of another origin asks.
        case none
        case allowed
        case refused
        /// Answered here; every field is set already.
        case preflight
    }

    /// What the response needs to know of the request.
    public struct StreamState: Sendable {
        var verdict = Verdict.none
        /// The allowed origin; a copy, because a later filter may take the field out of the request.
        var origin: [UInt8] = []
    }

    /// The plugin's name in configurations.
    public static let name = "cors"
    /// The plugin's version.
    public static let version = "0.1.0"

    let origins: OriginSet
    let fields: FieldNames
    /// The answer's list of methods; nil: whichever the page asks for.
    let methods: String?
    /// The answer's list of headers; nil: whichever the page asks for.
    let headers: String?
    let exposedHeaders: String
    let hasCredentials: Bool
    let maxAge: String?
    let allowsPrivateNetwork: Bool
    let answersPreflight: Bool
    let refusesOthers: Bool
    private let refused: Counter

    /// Checks origins, methods and names.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.origins = try OriginSet(origins: config.origins ?? [], patterns: config.originPatterns ?? [])
        if (config.origins ?? []).isEmpty, (config.originPatterns ?? []).isEmpty {
            throw ConfigProblem("", "allows no origin: give origins or originPatterns")
        }
        self.hasCredentials = config.credentials ?? false
        if self.hasCredentials, self.origins.isAny {
            throw ConfigProblem(
                "/credentials",
                "would let every site act in its visitors' name: name the origins instead of '*'")
        }
        let methods = config.methods ?? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        self.methods = try Self.list(methods, at: "/methods")
        self.headers = try Self.list(config.headers ?? ["*"], at: "/headers")
        let exposed = config.exposedHeaders ?? []
        // `*` is not special for requests with credentials (Fetch, 3.2.3).
        if exposed.contains("*"), self.hasCredentials {
            throw ConfigProblem("/exposedHeaders", "'*' has no effect with credentials: name the headers")
        }
        self.exposedHeaders = try Self.list(exposed, at: "/exposedHeaders") ?? "*"
        let maxAge = config.maxAge ?? .seconds(600)
        self.maxAge = maxAge > .zero ? String(maxAge.components.seconds) : nil
        self.allowsPrivateNetwork = config.privateNetwork ?? false
        self.answersPreflight = config.answerPreflight ?? true
        self.refusesOthers = config.refuseOthers ?? false
        self.fields = try FieldNames(host)
        self.refused = try host.counter(
            "cors_refused_total", help: "Requests of origins that are not allowed.")
    }

    /// A comma-separated list; nil for `*`.
    private static func list(_ names: [String], at pointer: String) throws(ConfigProblem) -> String? {
        if names.contains("*") {
            guard names.count == 1 else {
                throw ConfigProblem(pointer, "'*' stands for all, so no other can stand beside it")
            }
            return nil
        }
        for (index, name) in names.enumerated() where !Self.isToken(Array(name.utf8).span) {
            throw ConfigProblem("\(pointer)/\(index)", "'\(name)' is no name of a method or header")
        }
        return names.joined(separator: ", ")
    }

    /// A token (RFC 9110, 5.6.2).
    static func isToken(_ name: Span<UInt8>) -> Bool {
        for index in name.indices {
            switch name[index] {
            case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E:
                continue
            default: return false
            }
        }
        return !name.isEmpty
    }

    /// A request without an origin.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Answers preflight requests; remembers the origin of others.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        // The view of the origin ends with this scope, so that the request can be answered after it.
        if let origin = request.header(.origin) {
            state.verdict = self.origins.contains(origin) ? .allowed : .refused
            if state.verdict == .allowed, !self.origins.isAny {
                // The one allocation for a request with an origin: the response's field is made of it.
                state.origin = Array(copying: origin)
            }
        } else {
            return .continue
        }
        let isAllowed = state.verdict == .allowed
        let isPreflight =
            request.method.isEqual(toLowercase: "options") && request.header(self.fields.requestMethod) != nil
        if isPreflight, self.answersPreflight {
            return isAllowed ? try self.answer(&request, &state) : try self.refuse(&request)
        }
        if !isAllowed, self.refusesOthers { return try self.refuse(&request) }
        return .continue
    }

    private func refuse(_ request: inout RequestHead) throws -> FilterAction {
        request.add(to: self.refused)
        return try request.respond(
            status: 403, body: "pages of this origin may not ask here\n", details: "cors_origin_refused")
    }

    private func answer(_ request: inout RequestHead, _ state: inout StreamState) throws -> FilterAction {
        var fields: [(name: String, value: String)] = [
            ("access-control-allow-origin", self.allowedOrigin(state))
        ]
        // A method or list that is none is left out, and the browser refuses for itself.
        if let methods = self.methods {
            fields.append(("access-control-allow-methods", methods))
        } else if let asked = request.header(self.fields.requestMethod), Self.isToken(asked) {
            fields.append(("access-control-allow-methods", String(asked)))
        }
        if let headers = self.headers {
            if !headers.isEmpty { fields.append(("access-control-allow-headers", headers)) }
        } else if let asked = request.header(self.fields.requestHeaders), Self.isList(asked) {
            fields.append(("access-control-allow-headers", String(asked)))
        }
        if self.hasCredentials { fields.append(("access-control-allow-credentials", "true")) }
        if let maxAge = self.maxAge { fields.append(("access-control-max-age", maxAge)) }
        if self.allowsPrivateNetwork,
            request.header(self.fields.requestPrivateNetwork)?.isEqual(toLowercase: "true") == true
        {
            fields.append(("access-control-allow-private-network", "true"))
        }
        fields.append(
            ("vary", "origin, access-control-request-method, access-control-request-headers"))
        state.verdict = .preflight
        return try request.respond(status: 200, headers: fields, details: "cors_preflight")
    }

    private func allowedOrigin(_ state: borrowing StreamState) -> String {
        self.origins.isAny ? "*" : String(decoding: state.origin, as: UTF8.self)
    }

    private static func isList(_ text: Span<UInt8>) -> Bool {
        var isGood = true
        text.forEachElement {
            isGood = Self.isToken($0)
            return isGood
        }
        return isGood
    }

    /// Tells the browser whether the page may read the response; what the service says of it is replaced.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        if state.verdict == .preflight { return .continue }
        response.removeHeader(self.fields.allowOrigin)
        response.removeHeader(self.fields.allowCredentials)
        // Also without an origin: a cache must not give that response to a page (Fetch, 3.2.5).
        if !self.origins.isAny { try self.addVary(&response) }
        guard state.verdict == .allowed else { return .continue }
        if self.origins.isAny {
            try response.setHeader(self.fields.allowOrigin, "*")
        } else {
            try response.setHeader(self.fields.allowOrigin, state.origin.span)
        }
        if self.hasCredentials { try response.setHeader(self.fields.allowCredentials, "true") }
        if !self.exposedHeaders.isEmpty {
            try response.setHeader(self.fields.exposeHeaders, self.exposedHeaders)
        }
        return .continue
    }

    private func addVary(_ response: inout ResponseHead) throws {
        for index in 0..<response.fieldCount {
            guard response.fieldName(at: index)?.isEqual(toLowercase: "vary") == true,
                let value = response.fieldValue(at: index)
            else { continue }
            if value.hasElement(lowercase: "origin") || value.hasElement(lowercase: "*") { return }
        }
        try response.addHeader(.vary, "Origin")
    }
}

/// Names that CORS uses and no other part of HTTP.
struct FieldNames: Sendable {
    let allowOrigin, allowCredentials, exposeHeaders: HeaderName
    let requestMethod, requestHeaders, requestPrivateNetwork: HeaderName

    init(_ host: borrowing FilterHost) throws(ConfigProblem) {
        self.allowOrigin = try host.headerName("access-control-allow-origin")
        self.allowCredentials = try host.headerName("access-control-allow-credentials")
        self.exposeHeaders = try host.headerName("access-control-expose-headers")
        self.requestMethod = try host.headerName("access-control-request-method")
        self.requestHeaders = try host.headerName("access-control-request-headers")
        self.requestPrivateNetwork = try host.headerName("access-control-request-private-network")
    }
}
