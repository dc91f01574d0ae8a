/// Reads one answer (RFC 9112) from a connection.
struct HTTPAnswerReader {
    private static let largestHead = 65_536

    private let connection: Connection
    private let isHead: Bool
    private let limit: Int
    /// What has come and where the rest of it begins.
    private var buffer: [UInt8] = []
    private var position = 0
    /// Whether the connection can carry another request.
    private(set) var keepsAlive = true

    init(_ connection: Connection, isHead: Bool, limit: Int) {
        self.connection = connection
        self.isHead = isHead
        self.limit = limit
    }

    mutating func read(until deadline: Deadline) throws(NetError) -> HTTPAnswer {
        var answer = try self.head(until: deadline)
        while answer.status < 200 {
            guard answer.status != 101 else { throw self.malformed("switches protocols unasked") }
            answer = try self.head(until: deadline)
        }
        let options = answer.fields.filter { $0.name == "connection" }.map { $0.value.lowercased() }
        if options.contains(where: { $0.contains("close") }) { self.keepsAlive = false }
        if self.isHead || answer.status == 204 || answer.status == 304 { return answer }
        let codings = answer.fields.filter { $0.name == "transfer-encoding" }
        if !codings.isEmpty {
            guard codings.count == 1, codings[0].value.lowercased() == "chunked" else {
                throw self.malformed("has a transfer coding other than chunked")
            }
            answer.body = try self.chunks(until: deadline)
        } else if let text = answer.field("content-length") {
            let others = answer.fields.filter { $0.name == "content-length" && $0.value != text }
            guard others.isEmpty, let length = Self.number(text.utf8, radix: 10) else {
                throw self.malformed("has no valid content-length")
            }
            answer.body = try self.take(length, until: deadline)
        } else {
            self.keepsAlive = false
            answer.body = try self.rest(until: deadline)
        }
        // More than was asked for: nobody knows whose answer it is.
        if self.position < self.buffer.count { self.keepsAlive = false }
        return answer
    }

    private mutating func head(until deadline: Deadline) throws(NetError) -> HTTPAnswer {
        let first = try self.line(until: deadline)
        let parts = first.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].starts(with: "HTTP/1.".utf8), parts[0].count == 8,
            parts[1].count == 3,
            let status = Self.number(parts[1], radix: 10), status >= 100
        else { throw self.malformed("answers with no HTTP/1 status line") }
        if parts[0].last == 0x30 { self.keepsAlive = false }
        return HTTPAnswer(status: status, fields: try self.fields(until: deadline), body: [])
    }

    private mutating func fields(until deadline: Deadline) throws(NetError) -> [(name: String, value: String)]
    {
        var fields: [(name: String, value: String)] = []
        var size = 0
        while true {
            let line = try self.line(until: deadline)
            if line.isEmpty { return fields }
            size += line.count
            guard size <= Self.largestHead else { throw self.malformed("has a head over 64 KiB") }
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex, line[line.startIndex] > 0x20
            else { throw self.malformed("has a malformed header field") }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            let end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? value.startIndex
            fields.append(
                (
                    String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                    String(decoding: value[..<end], as: UTF8.self)
                ))
        }
    }

    private mutating func chunks(until deadline: Deadline) throws(NetError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = try self.line(until: deadline).prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }
            guard let length = Self.number(size, radix: 16) else { throw self.malformed("has no chunk size") }
            if length == 0 { break }
            guard body.count + length <= self.limit else { throw self.tooLong() }
            body += try self.take(length, until: deadline)
            guard try self.line(until: deadline).isEmpty else { throw self.malformed("has a broken chunk") }
        }
        _ = try self.fields(until: deadline)
        return body
    }

    private mutating func take(_ count: Int, until deadline: Deadline) throws(NetError) -> [UInt8] {
        guard count <= self.limit else { throw self.tooLong() }
        while self.buffer.count - self.position < count { try self.fill(until: deadline) }
        defer { self.position += count }
        return Array(self.buffer[self.position..<(self.position + count)])
    }

    private mutating func rest(until deadline: Deadline) throws(NetError) -> [UInt8] {
        while try self.connection.read(into: &self.buffer, until: deadline) > 0 {
            guard self.buffer.count - self.position <= self.limit else { throw self.tooLong() }
        }
        defer { self.position = self.buffer.count }
        return Array(self.buffer[self.position...])
    }

    /// A line without its end.
    private mutating func line(until deadline: Deadline) throws(NetError) -> ArraySlice<UInt8> {
        var searched = self.position
        while true {
            if let end = self.buffer[searched...].firstIndex(of: 0x0A) {
                let start = self.position
                self.position = end + 1
                let isCut = end > start && self.buffer[end - 1] == 0x0D
                return self.buffer[start..<(isCut ? end - 1 : end)]
            }
            searched = self.buffer.count
            guard searched - self.position <= Self.largestHead else {
                throw self.malformed("has an endless line")
            }
            try self.fill(until: deadline)
        }
    }

    private mutating func fill(until deadline: Deadline) throws(NetError) {
        let isFirst = self.buffer.isEmpty
        guard try self.connection.read(into: &self.buffer, until: deadline) > 0 else {
            // Only the first means that the request was not looked at.
            throw isFirst
                ? NetError(.closed, self.connection.address, "closed the connection without an answer")
                : self.malformed("closed the connection within an answer")
        }
    }

    private func malformed(_ what: String) -> NetError {
        NetError(.malformed, self.connection.address, what)
    }

    private func tooLong() -> NetError { self.malformed("has an answer over \(self.limit) bytes") }

    /// Digits only; nil for others, and for numbers that nothing here can be.
    private static func number(_ digits: some Collection<UInt8>, radix: Int) -> Int? {
        guard (1...15).contains(digits.count) else { return nil }
        var number = 0
        for byte in digits {
            guard let value = Character(UnicodeScalar(byte)).hexDigitValue, value < radix else { return nil }
            number = number * radix + value
        }
        return number
    }
}
