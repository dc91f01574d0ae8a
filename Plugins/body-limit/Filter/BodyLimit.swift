public import PosternSDK

/// Refuses requests, and stops responses, whose body is larger than a limit.
public struct BodyLimit: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let request: ByteCount?
        let response: ByteCount?
    }

    /// Bytes of each body so far.
    public struct StreamState: Sendable {
        var request = 0
        var response = 0
    }

    /// The plugin's name in configurations.
    public static let name = "body-limit"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let request: Int
    private let response: Int
    private let refused: Counter

    /// Reads the limits.
    public init(config: Config, host: borrowing FilterHost) throws {
        if config.request == nil, config.response == nil {
            throw ConfigProblem("", "limits nothing: give request or response")
        }
        self.request = config.request?.bytes ?? .max
        self.response = config.response?.bytes ?? .max
        self.refused = try host.counter(
            "body_limit_refused_total", help: "Requests and responses with too large a body.")
    }

    /// Nothing counted yet.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Refuses at once what says that it is too large; the client is not asked to send it (RFC 9110, 10.1.1).
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard let length = request.header(.contentLength)?.length, length > self.request else {
            return .continue
        }
        request.add(to: self.refused)
        return try Self.refuse(&request)
    }

    /// Counts what comes in chunks.
    public func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        state.request += body.bytes.count
        if state.request <= self.request { return .continue }
        body.add(to: self.refused)
        return try Self.refuse(&body)
    }

    /// Replaces a response that says that it is too large.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        // The length that an answer to HEAD tells is not that of a body.
        guard !endOfStream, let length = response.header(.contentLength)?.length, length > self.response
        else { return .continue }
        response.add(to: self.refused)
        return try response.respond(
            status: 502, body: "the service's answer is too large\n", details: "body_limit_response")
    }

    /// Stops a response in the middle: the client sees that it is not whole.
    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        state.response += body.bytes.count
        if state.response <= self.response { return .continue }
        body.add(to: self.refused)
        return .failed
    }

    private static func refuse(_ stream: inout some RespondingStream & ~Copyable) throws -> FilterAction {
        try stream.respond(
            status: 413, body: "the request's body is too large\n", details: "body_limit_request")
    }
}

extension Span where Element == UInt8 {
    /// A `content-length`; the host lets only whole numbers through, so more than 18 digits are too many.
    fileprivate var length: Int {
        guard self.count <= 18 else { return .max }
        var number = 0
        for index in self.indices { number = number * 10 + Int(self[index] &- 0x30) }
        return number
    }
}
