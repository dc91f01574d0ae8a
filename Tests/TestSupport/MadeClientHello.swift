/// A ClientHello, made from its parts so that each of them can be wrong.
public struct MadeClientHello {
    public var version: [UInt8] = [3, 3]
    public var session: [UInt8] = Array(repeating: 7, count: 32)
    public var ciphers: [UInt8] = [0x13, 0x01, 0x13, 0x02]
    public var compression: [UInt8] = [0]
    /// Types and contents; nil: none, and no length of them either.
    public var extensions: [(type: Int, body: [UInt8])]? = []
    /// How much of the message each record has.
    public var recordSize = 1 << 14

    public init(name: String? = nil, protocols: [String] = [], versions: [Int] = []) {
        self.extensions = [(0x0A0A, []), (10, [0, 2, 0, 29])]
        if let name { self.extensions?.append((0, Self.nameList(name))) }
        if !protocols.isEmpty { self.extensions?.append((16, Self.protocolList(protocols))) }
        if !versions.isEmpty {
            let list = versions.flatMap { Self.number($0, 2) }
            self.extensions?.append((43, [UInt8(list.count)] + list))
        }
        self.extensions?.append((21, Array(repeating: 0, count: 40)))
    }

    public static func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    public static func nameList(_ name: String, type: UInt8 = 0) -> [UInt8] {
        let entry = [type] + Self.number(name.utf8.count, 2) + Array(name.utf8)
        return Self.number(entry.count, 2) + entry
    }

    public static func protocolList(_ names: [String]) -> [UInt8] {
        let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return Self.number(list.count, 2) + list
    }

    /// The message without its type and length.
    public var body: [UInt8] {
        var body =
            self.version + Array(repeating: 0x5A, count: 32) + [UInt8(self.session.count)] + self.session
        body += Self.number(self.ciphers.count, 2) + self.ciphers
        body += [UInt8(self.compression.count)] + self.compression
        guard let extensions = self.extensions else { return body }
        let list = extensions.flatMap { Self.number($0.type, 2) + Self.number($0.body.count, 2) + $0.body }
        return body + Self.number(list.count, 2) + list
    }

    public var message: [UInt8] { [1] + Self.number(self.body.count, 3) + self.body }

    public var bytes: [UInt8] { Self.records(self.message, size: self.recordSize) }

    public static func records(_ message: [UInt8], size: Int = 1 << 14) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: size) {
            let piece = message[start..<min(start + size, message.count)]
            bytes += [22, 3, 1] + Self.number(piece.count, 2) + piece
        }
        return bytes
    }
}
