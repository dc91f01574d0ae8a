internal import Foundation

/// A body whose every byte tells its place, made and checked as it passes, however long it is.
public struct Pattern: Sendable {
    /// A prime, so that a buffer's worth that is lost or repeated on the way shows.
    private static let period = 65_521
    private static let block = 1 << 20
    /// The pattern from the start, long enough for a block from anywhere in a period.
    private static let bytes: [UInt8] = (0..<period + block).map {
        let place = $0 % period
        return UInt8(truncatingIfNeeded: place &* 167 &+ place >> 8)
    }

    public let length: Int
    /// How many bytes were made or checked.
    public private(set) var place = 0

    public init(length: Int) { self.length = length }

    public var isComplete: Bool { self.place == self.length }

    /// The next bytes, at most one mebibyte.
    public mutating func next() -> ArraySlice<UInt8> {
        let count = min(Self.block, self.length - self.place)
        let start = self.place % Self.period
        self.place += count
        return Self.bytes[start..<start + count]
    }

    /// Takes bytes that came, at most one mebibyte.
    ///
    /// - Throws: ``WireError`` when they are not the next ones.
    public mutating func check(_ bytes: ArraySlice<UInt8>) throws {
        let start = self.place % Self.period
        let isSame =
            bytes.count <= min(Self.block, self.length - self.place)
            && bytes.withUnsafeBytes { came in
                Self.bytes.withUnsafeBytes { made in
                    guard let came = came.baseAddress, let made = made.baseAddress else { return true }
                    return memcmp(came, made + start, bytes.count) == 0
                }
            }
        guard isSame else { throw WireError(.other, "not the body that was sent, from \(self.place) on") }
        self.place += bytes.count
    }
}

extension RawConnection {
    /// Sends a whole body.
    public func send(_ pattern: Pattern, isChunked: Bool) throws {
        var pattern = pattern
        while !pattern.isComplete {
            let bytes = pattern.next()
            if isChunked { try self.send("\(String(bytes.count, radix: 16))\r\n") }
            try self.socket.write(bytes)
            if isChunked { try self.send("\r\n") }
        }
        if isChunked { try self.send("0\r\n\r\n") }
    }

    /// Reads a whole body and checks it.
    public func receive(_ pattern: Pattern, isChunked: Bool) throws {
        var pattern = pattern
        var rest = try self.readSome()[...]
        while true {
            if isChunked {
                let size = try Int(self.line(&rest), radix: 16) ?? -1
                if size == 0 { break }
                try self.receive(size, &rest, &pattern)
            } else {
                try self.receive(pattern.length, &rest, &pattern)
                break
            }
            guard try self.line(&rest).isEmpty else { throw WireError(.other, "a chunk is too long") }
        }
        if isChunked { _ = try self.line(&rest) }
        guard pattern.isComplete, rest.isEmpty else {
            throw WireError(.other, "the body ends at \(pattern.place), not at \(pattern.length)")
        }
    }

    /// Drops a whole chunked body.
    public func skipChunks() throws {
        var rest = try self.readSome()[...]
        while case let size = try Int(self.line(&rest), radix: 16) ?? 0, size > 0 {
            var left = size + 2 - rest.prefix(size + 2).count
            rest = rest.dropFirst(size + 2)
            while left > 0 {
                let bytes = try self.socket.read(atMost: 1 << 20)
                guard !bytes.isEmpty else { throw WireError(.ended, "ended within a chunk") }
                rest = bytes.dropFirst(left)
                left -= min(left, bytes.count)
            }
        }
        _ = try self.line(&rest)
    }

    private func receive(_ count: Int, _ rest: inout ArraySlice<UInt8>, _ pattern: inout Pattern) throws {
        let end = pattern.place + count
        guard count >= 0 else { throw WireError(.other, "no chunk size") }
        while pattern.place < end {
            if rest.isEmpty { rest = try self.socket.read(atMost: 1 << 20)[...] }
            guard !rest.isEmpty else { throw WireError(.ended, "ended at \(pattern.place) of \(end)") }
            let part = rest.prefix(end - pattern.place)
            try pattern.check(part)
            rest = rest.dropFirst(part.count)
        }
    }

    private func line(_ rest: inout ArraySlice<UInt8>) throws -> String {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                let line = rest[rest.startIndex..<end].dropLast()
                rest = rest[(end + 1)...]
                return String(decoding: line, as: UTF8.self)
            }
            let more = try self.socket.read()
            guard !more.isEmpty else { throw WireError(.ended, "ended within a line") }
            rest = (Array(rest) + more)[...]
        }
    }
}
