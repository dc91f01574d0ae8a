internal import Primitives

/// A connection that reads whole messages, at either end.
public final class RawConnection: Sendable {
    public let socket: RawSocket
    private let input = Lock<[UInt8]>([])
    private let seen = Lock<[UInt8]>([])

    public init(_ socket: RawSocket) { self.socket = socket }

    /// Connects as a client.
    public convenience init(to address: String, receiveBuffer: Int32? = nil) throws {
        self.init(try RawSocket.connect(to: address, receiveBuffer: receiveBuffer))
    }

    /// Everything that was read.
    public var received: [UInt8] { self.seen.withLock { $0 } }

    /// Lets go of what was read and taken.
    public func forgetReceived() {
        let unread = self.input.withLock { $0 }
        self.seen.withLock { $0 = unread }
    }

    public func send(_ text: String) throws { try self.socket.write(text.utf8) }
    public func send(_ bytes: [UInt8]) throws { try self.socket.write(bytes) }

    /// Closes so that the peer sees a reset.
    public func reset() { self.socket.reset() }

    /// - Returns: false at the end of input.
    private func fill(keeping isKept: Bool = true) throws -> Bool {
        let bytes = try self.socket.read()
        if isKept { self.seen.withLock { $0 += bytes } }
        self.input.withLock { $0 += bytes }
        return !bytes.isEmpty
    }

    private func take(_ count: Int) -> [UInt8] {
        self.input.withLock { input in
            let bytes = Array(input.prefix(count))
            input.removeFirst(bytes.count)
            return bytes
        }
    }

    /// Exactly `count` bytes.
    public func read(_ count: Int) throws -> [UInt8] {
        while self.input.withLock({ $0.count }) < count {
            guard try self.fill() else {
                throw WireError(.ended, "ended after \(self.take(count).count) of \(count) bytes")
            }
        }
        return self.take(count)
    }

    /// What is there, at least one byte; empty at the end of input.
    public func readSome() throws -> [UInt8] {
        if self.input.withLock({ $0.isEmpty }) { _ = try self.fill() }
        return self.take(.max)
    }

    /// Up to and with the next CR LF, without it.
    func readLine() throws -> Substring {
        while true {
            let end = self.input.withLock { input in
                input.indices.dropLast().first { input[$0] == 0x0D && input[$0 + 1] == 0x0A }
            }
            if let end {
                return Substring(String(decoding: self.take(end + 2).dropLast(2), as: UTF8.self))
            }
            guard try self.fill() else { throw WireError(.ended, "ended within a line") }
        }
    }

    /// What comes until the peer ends.
    public func readToEnd() throws -> [UInt8] {
        while try self.fill() {}
        return self.take(.max)
    }

    /// How many bytes come until the peer ends; they are not kept.
    public func countToEnd() throws -> Int {
        var count = self.take(.max).count
        while true {
            let bytes = try self.socket.read(atMost: 1 << 20)
            if bytes.isEmpty { return count }
            count += bytes.count
        }
    }

    /// Drops exactly `count` bytes, without keeping them.
    public func skip(_ count: Int) throws {
        var left = count - self.take(count).count
        while left > 0 {
            let bytes = try self.socket.read(atMost: min(left, 1 << 20))
            if bytes.isEmpty { throw WireError(.ended, "ended \(left) bytes too early") }
            left -= bytes.count
        }
    }

    /// Whether the peer has ended, without having sent anything more.
    public func isAtEnd() throws -> Bool {
        if self.input.withLock({ !$0.isEmpty }) { return false }
        return try !self.fill()
    }

    /// Whether something more can be read now.
    public func hasInput(within milliseconds: Int32 = 0) -> Bool {
        self.input.withLock { !$0.isEmpty } || self.socket.hasInput(within: milliseconds)
    }

    // MARK: Messages

    /// Start line and fields.
    public func readHead() throws -> RawMessage {
        let before = self.received.count - self.input.withLock { $0.count }
        var message = RawMessage()
        message.startLine = String(try self.readLine())
        var lines: [Substring] = []
        while case let line = try self.readLine(), !line.isEmpty { lines.append(line) }
        message.fields = RawMessage.fields(lines)
        message.raw = Array(self.received[before..<(self.received.count - self.input.withLock { $0.count })])
        return message
    }

    /// A whole request; nil when the client has ended before it.
    public func readRequest() throws -> RawMessage? {
        if self.input.withLock({ $0.isEmpty }), try !self.fill() { return nil }
        var message = try self.readHead()
        try self.readBody(&message, isBodyless: message["content-length"] == nil)
        return message
    }

    /// A whole response, with those of 1xx before it (but 101, which is one).
    public func readResponse(toHead: Bool = false) throws -> RawMessage {
        var informational: [RawMessage] = []
        while true {
            var message = try self.readHead()
            if message.status / 100 == 1, message.status != 101 {
                informational.append(message)
                continue
            }
            message.informational = informational
            let isBodyless = toHead || [101, 204, 304].contains(message.status)
            try self.readBody(&message, isBodyless: isBodyless)
            return message
        }
    }

    func readBody(_ message: inout RawMessage, isBodyless: Bool) throws {
        if message["transfer-encoding"]?.lowercased() == "chunked" {
            if message.status != 0, isBodyless { return }
            while true {
                let size = Int(try self.readLine().prefix { $0 != ";" }, radix: 16) ?? -1
                guard size >= 0 else { throw WireError(.other, "no chunk size") }
                if size == 0 { break }
                message.chunks += 1
                message.body += try self.read(size)
                guard try self.readLine().isEmpty else { throw WireError(.other, "a chunk is too long") }
            }
            var lines: [Substring] = []
            while case let line = try self.readLine(), !line.isEmpty { lines.append(line) }
            message.trailers = RawMessage.fields(lines)
        } else if isBodyless {
            return
        } else if let length = message["content-length"] {
            message.body = try self.read(Int(length) ?? 0)
        } else {
            message.body = try self.readToEnd()
        }
    }
}
