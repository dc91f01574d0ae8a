public import PosternSDK

/// Does, for each request, what its path asks for: one behaviour of the contract each.
///
/// The same filter runs on the test kit and in the gateway, and must be seen to do the same.
public struct BehaviourFilter: HTTPFilter {
    public struct Config: Decodable, Sendable {
        var attribute: String?
        var header: String?
        var service: String?
        var metric: String?
        var refuse: String?
        var wait: Duration?
    }

    public struct StreamState {
        var path = ""
        var parts = 0
    }

    public static let name = "behaviours"
    public static let version = "1.0.0"
    public static let schema = """
        {
          "type": "object", "additionalProperties": false,
          "properties": {
            "attribute": { "type": "string" }, "header": { "type": "string" },
            "service": { "type": "string" }, "metric": { "type": "string" },
            "refuse": { "type": "string" }, "wait": { "type": "string" }
          }
        }
        """

    let attribute: Attribute
    let query, metadata: Attribute
    let mark: HeaderName
    let service: Service?
    let count: Counter
    let size: Histogram
    let store: Store
    let buckets: TokenBuckets
    let log: Log

    public init(config: Config, host: borrowing FilterHost) throws {
        if let reason = config.refuse { throw ConfigProblem("/refuse", reason) }
        self.attribute = try host.attribute(config.attribute ?? "request.url_path", at: "/attribute")
        self.query = try host.attribute("request.query")
        self.metadata = try host.attribute("metadata['behaviours']['who']")
        self.mark = try host.headerName(config.header ?? "x-mark", at: "/header")
        self.service = try config.service.map { name throws(ConfigProblem) in
            try host.service(name, at: "/service")
        }
        self.count = try host.counter(config.metric ?? "behaviours_total", help: "Requests.")
        self.size = try host.histogram("behaviours_bytes", help: "Bytes.", bounds: [1, 10, 100])
        self.store = host.store("behaviours")
        self.buckets = try host.tokenBuckets("", capacity: 2, interval: .seconds(3600), keys: 100)
        self.log = host.log
    }

    public func makeStreamState() -> StreamState { StreamState() }

    public func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        state.parts += 1
        switch state.path {
        case "/upper": body.replace(with: String(body.bytes).uppercased())
        case "/double": body.replace(with: String(String(body.bytes).flatMap { [$0, $0] }))
        case "/longer": body.replace(with: String(body.bytes) + "!")
        case "/swallow": body.replace(with: "")
        case "/buffer", "/make-body": body.replace(with: "whole(\(state.parts)): \(String(body.bytes))")
        case "/respond-in-body": return try body.respond(status: 422, body: "bad", details: "bad_body")
        case "/throw-in-body": throw FieldError.malformed
        case "/pause-in-body" where state.parts == 1:
            body.setTimer(.milliseconds(20)) { $0.resume(.request) }
            return .pause
        default: break
        }
        return .continue
    }

    public func requestTrailers(
        _ trailers: inout Trailers, _ state: inout StreamState
    ) throws -> FilterAction {
        if state.path == "/trailers" {
            try trailers.setHeader(named: "x-checked", trailers.text(named: "x-sum") ?? "none")
        }
        return .continue
    }

    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        try response.setHeader(named: "x-seen", "\(response.status)")
        switch state.path {
        case "/status": try response.setStatus(418)
        case "/response-fields":
            response.removeHeader(named: "x-secret")
            try response.addHeader(named: "x-more", "1")
        case "/response-throw": throw FieldError.wrongPhase
        case "/response-respond":
            return try response.respond(status: 503, body: "instead", details: "replaced")
        case "/response-upper": response.willChangeBody()
        case "/response-buffer": return .buffer
        case "/response-limit":
            response.limitBuffer(to: 4)
            return .buffer
        case "/late":
            response.setTimer(.milliseconds(20)) { stream in
                do { try stream.setHeader(named: "x-late", "1") } catch { self.log(.error, "late: \(error)") }
                stream.resume(.response)
            }
            return .pause
        case "/response-pause":
            response.setTimer(.milliseconds(20)) { $0.resume(.response) }
            return .pause
        default: break
        }
        return .continue
    }

    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        switch state.path {
        case "/response-upper": body.replace(with: "<\(String(body.bytes).uppercased())>")
        case "/response-buffer": body.replace(with: "whole: \(String(body.bytes))")
        default: break
        }
        return .continue
    }

    public func responseTrailers(
        _ trailers: inout Trailers, _ state: inout StreamState
    ) throws -> FilterAction {
        if state.path == "/response-trailers" { try trailers.addHeader(named: "x-checked", "yes") }
        return .continue
    }

    public func complete(_ exchange: inout Exchange, _ state: inout StreamState) {
        exchange.add(to: self.count)
        self.log(.info, "complete \(state.path) \(exchange.text(self.attribute) ?? "-")")
    }
}
