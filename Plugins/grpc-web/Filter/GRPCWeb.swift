internal import PluginSupport
public import PosternSDK

/// Lets browsers call gRPC services: translates gRPC-Web, binary and text, to gRPC and back.
public struct GRPCWeb: HTTPFilter {
    /// `config` in the gateway's configuration: there is nothing to say.
    public struct Config: Decodable, Sendable {}

    /// What the client of one call speaks.
    public struct StreamState: Sendable {
        /// The form of the request's body; nil: the request is not gRPC-Web.
        var request: WebForm?
        var decoder = Base64Stream()
        /// The form of the response's body; nil: it is passed as it is.
        var response: WebForm?
        var isTrailerSent = false
    }

    /// The plugin's name in configurations.
    public static let name = "grpc-web"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let te, webMark, accept: HeaderName
    private let calls, malformed: Counter

    /// Asks for the names and counters.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.te = try host.headerName("te")
        self.webMark = try host.headerName("x-grpc-web")
        self.accept = try host.headerName("accept")
        self.calls = try host.counter("grpc_web_calls_total", help: "Calls of gRPC-Web that were translated.")
        self.malformed = try host.counter(
            "grpc_web_malformed_total", help: "Calls of gRPC-Web whose text was no base64.")
    }

    /// Nothing known of the client.
    public func makeStreamState() -> StreamState { StreamState() }

    /// Makes a call of gRPC-Web one of gRPC.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard request.method.isEqual(toLowercase: "post"), let form = self.form(request, .contentType) else {
            return .continue
        }
        request.add(to: self.calls)
        state.request = form
        state.response = self.form(request, self.accept) ?? form
        try request.setHeader(.contentType, "application/grpc\(form.rest)")
        try request.setHeader(self.te, "trailers")
        request.removeHeader(self.webMark)
        if form.isText { request.willChangeBody() }
        return .continue
    }

    /// The form that a field names.
    private func form(_ request: borrowing RequestHead, _ name: HeaderName) -> WebForm? {
        guard let type = request.header(name) else { return nil }
        return WebForm(type)
    }

    /// Decodes text.
    public func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard state.request?.isText == true else { return .continue }
        guard let bytes = state.decoder.decode(body.bytes), !endOfStream || state.decoder.isComplete else {
            body.add(to: self.malformed)
            return try body.respond(
                status: 400, body: "the request's body is no base64", details: "grpc_web_malformed")
        }
        body.replace(with: bytes.span)
        return .continue
    }

    /// Names the client's form; a response in trailers only needs no more.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard let form = state.response else { return .continue }
        guard let type = response.text(.contentType), type.hasPrefix("application/grpc") else {
            state.response = nil  // Not gRPC's: the client sees what it is.
            return .continue
        }
        try response.setHeader(.contentType, form.type(for: type))
        if !endOfStream {
            response.removeHeader(.contentLength)
            response.willChangeBody()
        }
        return .continue
    }

    /// Passes messages on, as text to those who want text, each at once, and ends the body with the trailers.
    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> FilterAction {
        guard let form = state.response else { return .continue }
        let trailers = endOfStream ? self.trailers(&body, &state) : []
        if form.isText {
            var text = body.bytes.isEmpty ? "" : Base64.encode(body.bytes)
            if !trailers.isEmpty { text += Base64.encode(trailers.span) }
            body.replace(with: text)
        } else if !trailers.isEmpty {
            var whole: [UInt8] = []
            whole.reserveCapacity(body.bytes.count + trailers.count)
            for index in body.bytes.indices { whole.append(body.bytes[index]) }
            whole += trailers
            body.replace(with: whole.span)
        }
        return .continue
    }

    /// They stand in the body already.
    public func responseTrailers(
        _ trailers: inout Trailers, _ state: inout StreamState
    ) throws -> FilterAction {
        guard state.isTrailerSent else { return .continue }
        while let name = Self.firstName(trailers) { trailers.removeHeader(named: name) }
        return .continue
    }

    private static func firstName(_ trailers: borrowing Trailers) -> String? {
        guard let name = trailers.fieldName(at: 0) else { return nil }
        return String(name)
    }

    /// The last frame of a body: a head of five bytes, then lines as in a head of HTTP/1.
    private func trailers(_ body: inout BodyChunk, _ state: inout StreamState) -> [UInt8] {
        let lines = body.withTrailers(.response) { trailers in
            var lines = ""
            for index in 0..<trailers.fieldCount {
                guard let name = trailers.fieldName(at: index) else { break }
                let lowercased = String(name).lowercased()
                guard let value = trailers.fieldValue(at: index) else { break }
                lines += "\(lowercased):\(String(value))\r\n"
            }
            return lines
        }
        if lines.isEmpty || state.isTrailerSent { return [] }
        state.isTrailerSent = true
        let length = UInt32(lines.utf8.count)
        return [
            0x80, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ] + Array(lines.utf8)
    }
}
