internal import Primitives

/// One end of an HTTP/2 connection that a test drives itself: it sends what it likes, frame by frame, and
/// what comes is sorted by stream.
///
/// SETTINGS and PING are answered, windows are not opened again unless ``opensWindows`` is set. One thread
/// reads; any may send.
public final class RawHTTP2: @unchecked Sendable {
    // SAFETY: everything but the connection is under the lock.

    private struct State {
        var streams: [UInt32: HTTP2Message] = [:]
        var frames: [HTTP2RawFrame] = []
        var next: UInt32 = 1
        var block: [UInt8] = []
        var isHeadLast = false
        var hasEnded = false
    }

    public let connection: RawConnection
    private let isClient: Bool
    private let opensWindows: Bool
    private let inflater = HTTP2Inflater()
    private let state = Lock(State())

    /// Sends the preface, when it is a client, and SETTINGS.
    public init(
        _ connection: RawConnection, isClient: Bool = true, settings: [(UInt16, UInt32)] = [],
        opensWindows: Bool = true
    ) throws {
        self.connection = connection
        self.isClient = isClient
        self.opensWindows = opensWindows
        try self.send(HTTP2Frames.opening(client: isClient, settings))
        if !isClient {
            _ = try connection.read(HTTP2Frames.preface.count)
        }
    }

    public func send(_ bytes: [UInt8]...) throws { try self.connection.send(bytes.flatMap { $0 }) }

    // MARK: What came

    /// What has come on `stream`.
    public subscript(_ stream: UInt32) -> HTTP2Message {
        self.state.withLock { $0.streams[stream] ?? HTTP2Message() }
    }
    /// Every stream on which something has come.
    public var streams: [UInt32] { self.state.withLock { $0.streams.keys.sorted() } }
    /// Every frame that has come but those of streams' messages, as ``HTTP2RawFrame/description``.
    public var frames: [String] {
        self.state.withLock { $0.frames.filter { $0.kind > 1 && $0.kind != 9 }.map(\.description) }
    }
    /// GOAWAY that came.
    public var goAways: [String] { self.frames.filter { $0.hasPrefix("GOAWAY") } }
    /// The peer has ended.
    public var hasEnded: Bool { self.state.withLock { $0.hasEnded } }
    /// A value of the peer's SETTINGS.
    public func setting(_ id: UInt16) -> UInt32? {
        let all = self.state.withLock { $0.frames.filter { $0.kind == 4 && $0.flags & 1 == 0 } }
        let entries = all.flatMap { frame in
            stride(from: 0, to: frame.payload.count, by: 6).map {
                (UInt16(frame.payload[$0]) << 8 | UInt16(frame.payload[$0 + 1]), frame.integer(at: $0 + 2))
            }
        }
        return entries.last { $0.0 == id }?.1
    }

    /// Reads frames until `condition` holds.
    ///
    /// - Throws: ``WireError`` when the peer ends before, or says nothing for a minute.
    public func read(until condition: () -> Bool) throws {
        while !condition() {
            guard try self.readFrame() else { throw WireError(.ended, "ended; had come: \(self.frames)") }
        }
    }

    /// Reads until the peer ends, or resets.
    public func readToEnd() {
        while (try? self.readFrame()) == true {}
        self.state.withLock { $0.hasEnded = true }
    }

    /// - Returns: false at the end of input.
    @discardableResult
    public func readFrame() throws -> Bool {
        if try self.connection.isAtEnd() {
            self.state.withLock { $0.hasEnded = true }
            return false
        }
        let head = try self.connection.read(9)
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        let whole = head + (length > 0 ? try self.connection.read(length) : [])
        guard let frame = HTTP2RawFrame.all(whole).first else { return true }
        try self.take(frame)
        return true
    }

    private func take(_ frame: HTTP2RawFrame) throws {
        self.state.withLock { $0.frames.append(frame) }
        let isEnd = frame.flags & 1 != 0
        switch frame.kind {
        case 0:
            self.change(frame.stream) {
                $0.body += frame.payload
                $0.isEnded = isEnd
            }
            if self.opensWindows, !frame.payload.isEmpty {
                let count = UInt32(frame.payload.count)
                try self.send(
                    HTTP2Frames.windowUpdate(0, count), HTTP2Frames.windowUpdate(frame.stream, count))
            }
        case 1: try self.takeHead(frame, isEnd: isEnd)
        case 9: try self.takeHead(frame, isEnd: self.state.withLock { $0.isHeadLast })
        case 3: self.change(frame.stream) { $0.reset = String(frame.description.split(separator: " ")[2]) }
        case 4: if !isEnd { try self.send(HTTP2Frames.settings(ack: true)) }
        case 6: if !isEnd { try self.send(HTTP2Frames.ping(frame.payload, ack: true)) }
        default: break
        }
    }

    private func takeHead(_ frame: HTTP2RawFrame, isEnd: Bool) throws {
        let block = self.state.withLock { state in
            state.block += frame.payload
            state.isHeadLast = isEnd
            return state.block
        }
        guard frame.flags & 4 != 0 else { return }
        self.state.withLock { $0.block = [] }
        let fields = try self.inflater.fields(block)
        self.change(frame.stream) {
            if $0.hasHead { $0.trailers = fields } else { $0.heads.append(fields) }
            $0.isEnded = isEnd
        }
    }

    private func change(_ stream: UInt32, _ body: (inout HTTP2Message) -> Void) {
        self.state.withLock { body(&$0.streams[stream, default: HTTP2Message()]) }
    }

    // MARK: A client

    /// Sends a request.
    ///
    /// - Parameter end: Whether it is complete.
    /// - Returns: Its stream.
    @discardableResult
    public func request(
        _ path: String = "/", method: String = "GET", _ fields: [(String, String)] = [], body: String = "",
        end: Bool = true
    ) throws -> UInt32 {
        let stream = self.takeNumber()
        let pseudo = [(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path)]
        try self.send(
            HTTP2Frames.headers(stream, pseudo + fields, end: end && body.isEmpty),
            body.isEmpty ? [] : HTTP2Frames.data(stream, body, end: end))
        return stream
    }

    /// The number of the next stream.
    public func takeNumber() -> UInt32 {
        self.state.withLock { state in
            defer { state.next += 2 }
            return state.next
        }
    }

    /// The response, once it is complete or was reset.
    public func finish(_ stream: UInt32) throws -> HTTP2Message {
        try self.read { self[stream].isOver }
        return self[stream]
    }

    /// A request and its response.
    public func ask(
        _ path: String = "/", method: String = "GET", _ fields: [(String, String)] = [], body: String = ""
    ) throws -> HTTP2Message {
        try self.finish(try self.request(path, method: method, fields, body: body))
    }

    /// Reads until an answer to this PING comes: all that was sent before has been looked at by then.
    public func roundTrip() throws {
        let before = self.frames.filter { $0 == "PING ACK" }.count
        try self.send(HTTP2Frames.ping())
        try self.read { self.frames.filter { $0 == "PING ACK" }.count > before }
    }

    // MARK: A server

    /// Answers a request.
    public func respond(
        _ stream: UInt32, status: Int = 200, _ fields: [(String, String)] = [], body: String = "",
        end: Bool = true
    ) throws {
        try self.send(
            HTTP2Frames.headers(stream, [(":status", "\(status)")] + fields, end: end && body.isEmpty),
            body.isEmpty ? [] : HTTP2Frames.data(stream, body, end: end))
    }
}
