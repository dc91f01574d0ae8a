/// What a server says.
enum NatsEvent {
    case info([UInt8])
    case ping
    case pong
    case ok
    /// With the quotes that it comes in.
    case failure(String)
    case message(subject: String, header: [UInt8], payload: [UInt8])
}

/// Takes events out of the bytes of a connection.
struct NatsInput {
    /// A server breaks the protocol.
    struct Malformed: Error {}

    /// What has come and was not yet taken.
    var bytes: [UInt8] = []

    /// The next event; nil when more bytes are needed for it.
    ///
    /// - Throws: ``Malformed``
    mutating func next() throws(Malformed) -> NatsEvent? {
        guard let end = self.bytes.firstIndex(of: 0x0A) else {
            guard self.bytes.count < 1 << 20 else { throw Malformed() }
            return nil
        }
        guard end > 0, self.bytes[end - 1] == 0x0D else { throw Malformed() }
        let line = String(decoding: self.bytes[..<(end - 1)], as: UTF8.self)
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        switch words.first?.uppercased() {
        case "INFO":
            let json = self.bytes[..<(end - 1)].drop { $0 != 0x7B }
            return self.take(end + 1, .info(Array(json)))
        case "PING": return self.take(end + 1, .ping)
        case "PONG": return self.take(end + 1, .pong)
        case "+OK": return self.take(end + 1, .ok)
        case "-ERR": return self.take(end + 1, .failure(line.dropFirst(5).description))
        case "MSG": return try self.message(words, end + 1, hasHeader: false)
        case "HMSG": return try self.message(words, end + 1, hasHeader: true)
        default: throw Malformed()
        }
    }

    /// `MSG subject sid [reply] size`, `HMSG subject sid [reply] header-size size`, and so many bytes behind.
    private mutating func message(
        _ words: [Substring], _ start: Int, hasHeader: Bool
    ) throws(Malformed) -> NatsEvent? {
        guard words.count >= (hasHeader ? 5 : 4), let size = Int(words[words.count - 1]), size >= 0,
            size < 1 << 26
        else { throw Malformed() }
        let header = hasHeader ? Int(words[words.count - 2]) ?? -1 : 0
        guard header >= 0, header <= size else { throw Malformed() }
        guard self.bytes.count >= start + size + 2 else { return nil }
        let body = self.bytes[start..<(start + size)]
        return self.take(
            start + size + 2,
            .message(
                subject: String(words[1]), header: Array(body.prefix(header)),
                payload: Array(body.dropFirst(header))))
    }

    private mutating func take(_ count: Int, _ event: NatsEvent) -> NatsEvent {
        self.bytes.removeFirst(count)
        return event
    }
}
