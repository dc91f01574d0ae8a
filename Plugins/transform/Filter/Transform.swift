internal import PluginSupport
public import PosternSDK

/// Changes headers, query and body of requests, and headers and body of responses.
public struct Transform: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        struct Request: Decodable, Sendable {
            let headers: HeaderChanges?
            let query: QueryChanges?
            let body: BodyChanges?
        }

        struct Response: Decodable, Sendable {
            let headers: HeaderChanges?
            let body: BodyChanges?
        }

        let request: Request?
        let response: Response?
    }

    /// Which bodies come whole, to be changed.
    public struct StreamState: Sendable {
        var changesRequest = false
        var changesResponse = false
    }

    /// The plugin's name in configurations.
    public static let name = "transform"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let requestHeaders: HeaderPlan
    private let query: QueryPlan?
    private let requestBody: BodyPlan?
    private let responseHeaders: HeaderPlan
    private let responseBody: BodyPlan?
    /// What would be wrong for a changed body.
    private let validators: [HeaderName]
    private let ifRange: HeaderName
    private let refused: Counter

    /// Compiles all changes.
    public init(config: Config, host: borrowing FilterHost) throws {
        let (request, response) = (config.request, config.response)
        self.requestHeaders = try HeaderPlan(request?.headers, at: "/request/headers", host: host)
        self.responseHeaders = try HeaderPlan(response?.headers, at: "/response/headers", host: host)
        if let query = request?.query {
            self.query = try QueryPlan(query, at: "/request/query", host: host)
        } else {
            self.query = nil
        }
        if let body = request?.body {
            self.requestBody = try BodyPlan(body, at: "/request/body", host: host)
        } else {
            self.requestBody = nil
        }
        if let body = response?.body {
            self.responseBody = try BodyPlan(body, at: "/response/body", host: host)
        } else {
            self.responseBody = nil
        }
        if self.requestHeaders.isEmpty, self.responseHeaders.isEmpty, self.query == nil,
            self.requestBody == nil, self.responseBody == nil
        {
            throw ConfigProblem("", "changes nothing: give request or response with changes")
        }
        var validators = [HeaderName.eTag]
        for name in ["accept-ranges", "content-md5", "content-digest", "repr-digest", "digest"] {
            validators.append(try host.headerName(name))
        }
        self.validators = validators
        self.ifRange = try host.headerName("if-range")
        self.refused = try host.counter(
            "transform_refused_total", help: "Messages whose body could not be changed.")
    }

    /// Nothing to be changed yet.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Changes headers and query; asks for the whole body when it is to be changed.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        try self.requestHeaders.apply(to: &request)
        if let query = self.query { try request.setPath(query.path(of: request)) }
        if self.responseBody != nil {
            // An encoded or partial response could not be changed.
            request.removeHeader(.acceptEncoding)
            request.removeHeader(.range)
            request.removeHeader(self.ifRange)
        }
        guard let plan = self.requestBody, !endOfStream, Self.applies(plan, to: request) else {
            return .continue
        }
        if Self.isEncoded(request) {
            if plan.passesMismatches { return .continue }
            request.add(to: self.refused)
            return try request.respond(
                status: 415, body: "the body's content-encoding cannot be changed here\n",
                details: "transform_request_encoded")
        }
        state.changesRequest = true
        try self.prepare(plan, &request)
        request.limitBuffer(to: plan.limit)
        return .buffer
    }

    /// Changes the whole body.
    public func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard state.changesRequest, let plan = self.requestBody else { return .continue }
        guard let problem = Self.change(&body, plan) else { return .continue }
        body.add(to: self.refused)
        return try body.respond(
            status: 400, body: "the body cannot be changed: \(problem)\n", details: "transform_request_body")
    }

    /// Changes headers; asks for the whole body when it is to be changed.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        try self.responseHeaders.apply(to: &response)
        guard let plan = self.responseBody, !endOfStream, Self.applies(plan, to: response) else {
            return .continue
        }
        if Self.isEncoded(response) || response.status == 206 {
            if plan.passesMismatches { return .continue }
            response.add(to: self.refused)
            return try response.respond(
                status: 502, body: "the service's answer is encoded or partial\n",
                details: "transform_response_encoded")
        }
        state.changesResponse = true
        try self.prepare(plan, &response)
        response.limitBuffer(to: plan.limit)
        return .buffer
    }

    /// Changes the whole body.
    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard state.changesResponse, let plan = self.responseBody else { return .continue }
        guard let problem = Self.change(&body, plan) else { return .continue }
        // What follows is the body of the gateway's own answer.
        state.changesResponse = false
        body.add(to: self.refused)
        return try body.respond(
            status: 502, body: "the service's answer cannot be changed: \(problem)\n",
            details: "transform_response_body")
    }

    private static func applies(_ plan: BodyPlan, to head: borrowing some FieldSection & ~Copyable) -> Bool {
        guard let type = head.header(.contentType) else { return false }
        return plan.types.contain(type)
    }

    private static func isEncoded(_ head: borrowing some FieldSection & ~Copyable) -> Bool {
        guard let encoding = head.header(.contentEncoding) else { return false }
        return !encoding.isEqual(toLowercase: "identity")
    }

    private func prepare(_ plan: BodyPlan, _ head: inout some FieldSection & ~Copyable) throws {
        for name in self.validators { head.removeHeader(name) }
        if let type = plan.contentType { try head.setHeader(.contentType, type) }
    }

    /// - Returns: Why the body cannot be changed; nil when it was, or passes as it is.
    private static func change(_ body: inout BodyChunk, _ plan: BodyPlan) -> String? {
        do throws(JSONPath.Mismatch) {
            let changed = try plan.apply(to: body.bytes, for: body)
            body.replace(with: changed.span)
            return nil
        } catch { return plan.passesMismatches ? nil : error.message }
    }
}
