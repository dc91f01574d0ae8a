/// A client of one HTTP/1.1 server with one connection, which is kept open between calls.
///
/// One thread uses it at a time.
public struct HTTPClient {
    private let url: HTTPURL
    private let tls: TLSClient?
    private let timeout: Duration
    private let limit: Int
    private var connection: Connection?

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - tls: Needed with `https`.
    ///   - timeout: Of one call, from connecting to the end of the answer.
    ///   - limit: Bytes of an answer's body; a longer one is an error.
    public init(_ url: HTTPURL, tls: TLSClient? = nil, timeout: Duration, limit: Int = 1 << 20) {
        self.url = url
        self.tls = url.isSecure ? tls : nil
        self.timeout = timeout
        self.limit = limit
    }

    /// Sends a request and waits for its answer.
    ///
    /// A server may close a kept connection while a request is on its way to it: the request is then sent
    /// once more, so the server may see it twice.
    ///
    /// - Parameters:
    ///   - target: Path and query; nil: those of the URL.
    ///   - timeLeft: Ends the call earlier than the client's own timeout would.
    ///   - fields: Beside `Host` and `Content-Length`. Neither names nor values are looked at: no line ends
    ///     in them.
    /// - Throws: ``NetError``
    public mutating func send(
        _ method: String, _ target: String? = nil, fields: [(name: String, value: String)] = [],
        body: [UInt8] = [], within timeLeft: Duration? = nil
    ) throws(NetError) -> HTTPAnswer {
        let deadline = Deadline(in: min(self.timeout, timeLeft ?? self.timeout))
        let request = self.request(method, target ?? self.url.target, fields, body)
        if let kept = self.connection, kept.isQuiet {
            do throws(NetError) {
                return try self.exchange(request, method, on: kept, until: deadline)
            } catch {
                self.connection = nil
                guard error.code == .closed else { throw error }
            }
        }
        self.connection = nil
        if self.url.isSecure, self.tls == nil {
            throw NetError(.tls, self.url.address, "https needs a TLS client")
        }
        let made = try Connection(to: self.url.address, tls: self.tls, until: deadline)
        return try self.exchange(request, method, on: made, until: deadline)
    }

    /// Closes the kept connection.
    public mutating func close() { self.connection = nil }

    private mutating func exchange(
        _ request: [UInt8], _ method: String, on connection: Connection, until deadline: Deadline
    ) throws(NetError) -> HTTPAnswer {
        try connection.write(request, until: deadline)
        var reader = HTTPAnswerReader(connection, isHead: method == "HEAD", limit: self.limit)
        let answer = try reader.read(until: deadline)
        self.connection = reader.keepsAlive ? connection : nil
        return answer
    }

    private func request(
        _ method: String, _ target: String, _ fields: [(name: String, value: String)], _ body: [UInt8]
    ) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: \(self.url.authority)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        if !body.isEmpty || method == "POST" || method == "PUT" {
            text += "Content-Length: \(body.count)\r\n"
        }
        text += "\r\n"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + body.count)
        bytes.append(contentsOf: text.utf8)
        bytes.append(contentsOf: body)
        return bytes
    }
}
