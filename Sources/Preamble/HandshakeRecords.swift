internal import Primitives

/// Takes the payload of handshake records out of a stream's bytes (RFC 8446, 5.1), piece by piece.
struct HandshakeRecords {
    /// The most payload of one record.
    private static let payloadLimit = 1 << 14

    /// How far the stream has been taken.
    private(set) var position = 0
    /// Payload of the present record that has not been taken.
    private(set) var rest = 0

    enum Piece {
        case payload(ByteView)
        case incomplete
        case failed
    }

    /// The next bytes of payload, at least one.
    ///
    /// - Parameter bytes: The stream from its beginning.
    mutating func next(_ bytes: ByteView) -> Piece {
        if self.rest == 0 {
            let header = bytes.dropFirst(self.position)
            guard Self.mayBegin(header) else { return .failed }
            guard header.count >= 5 else { return .incomplete }
            self.rest = Int(header[3]) << 8 | Int(header[4])
            self.position += 5
        }
        let count = min(self.rest, bytes.count - self.position)
        guard count > 0 else { return .incomplete }
        let piece = bytes[self.position..<self.position + count]
        self.position += count
        self.rest -= count
        return .payload(piece)
    }

    /// Whether the bytes that are there may be a record's first: refused with the first one that cannot.
    private static func mayBegin(_ header: ByteView) -> Bool {
        if header.count > 0, header[0] != 22 { return false }
        if header.count > 1, header[1] != 3 { return false }
        // Clients write 3.1 for old servers' sake, or 3.3; no version has gone past 3.4.
        if header.count > 2, header[2] > 4 { return false }
        if header.count > 3, Int(header[3]) << 8 > self.payloadLimit { return false }
        guard header.count > 4 else { return true }
        return (1...self.payloadLimit).contains(Int(header[3]) << 8 | Int(header[4]))
    }
}
