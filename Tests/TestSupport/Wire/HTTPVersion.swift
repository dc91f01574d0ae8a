/// What a client, or a service, speaks.
public enum HTTPVersion: String, Sendable, CaseIterable {
    case http1, http2
}

extension RawHTTP2 {
    /// A request as a client of HTTP/1.1 would have written it, and its response likewise.
    ///
    /// - Parameter lines: Fields, `Name: value` and CR LF each; those of HTTP/1.1's connection are left out.
    func ask(_ target: String, _ method: String, host: String, lines: String, body: String) throws
        -> RawMessage
    {
        let fields = RawMessage.fields(lines.split(separator: "\r\n")).map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), String(parts.count > 1 ? parts[1].drop { $0 == " " } : ""))
        }
        let stream = self.takeNumber()
        let pseudo = [(":method", method), (":scheme", "http"), (":authority", host), (":path", target)]
        let length = body.isEmpty ? [] : [("content-length", "\(body.utf8.count)")]
        try self.send(
            HTTP2Frames.headers(
                stream, pseudo + fields.filter { $0.0 != "connection" } + length, end: body.isEmpty),
            body.isEmpty ? [] : HTTP2Frames.data(stream, body, end: true))
        let message = try self.finish(stream)
        if let reset = message.reset, !message.isEnded {
            throw WireError(.reset, "the stream was reset: \(reset)")
        }
        return RawMessage(message)
    }
}

extension RawMessage {
    /// A response of HTTP/2.
    init(_ message: HTTP2Message) {
        self.init()
        let responses = message.heads.map { head in
            var response = RawMessage()
            response.startLine = "HTTP/2 \(head.first.map { $0.dropFirst(":status: ".count) } ?? "")"
            response.fields = Array(head.dropFirst())
            return response
        }
        if let last = responses.last { self = last }
        self.informational = responses.dropLast()
        self.body = message.body
        self.trailers = message.trailers
    }
}
