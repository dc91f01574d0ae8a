public import Primitives

extension ProxyHeader {
    /// The longest header of version 2 that is read, in bytes: the specification's 536 for the first segment,
    /// and room for the certificate's facts that some proxies add.
    public static let limit = 4096
    /// The longest line of version 1 (the specification's 2.1), with its CR LF.
    static let lineLimit = 107
    /// Where version 2 has its first byte behind the signature.
    static let signatureLength = 12

    /// Reads the header at the beginning of a connection.
    ///
    /// Pure: the caller shows all bytes since the connection began, again with more behind them after
    /// `incomplete`. A refusal comes with the first byte that makes one certain, so that it does not depend
    /// on how the bytes arrive. Allocates nothing.
    public static func read(_ bytes: ByteView) -> ProxyHeaderResult {
        guard !bytes.isEmpty else { return .incomplete }
        return bytes[0] == 0x0D ? self.readBinary(bytes) : self.readLine(bytes)
    }

    // MARK: Version 1

    private static func readLine(_ bytes: ByteView) -> ProxyHeaderResult {
        let start = ByteView("PROXY ")
        let known = min(bytes.count, start.count)
        guard bytes[0..<known] == start[0..<known] else { return .failed(.noSignature) }
        if known < start.count { return .incomplete }
        var fields = LineFields(bytes, from: start.count)
        guard let name = fields.next() else { return fields.unfinished(.badProtocol) }
        if name == "UNKNOWN" { return fields.skipRest(ProxyHeader(.own)) }
        let isIPv6 = name == "TCP6"
        guard isIPv6 || name == "TCP4" else { return .failed(.badProtocol) }
        guard fields.end == 0x20 else { return .failed(.badLine) }
        guard let source = fields.address(isIPv6) else { return fields.unfinished(.badAddress) }
        guard let destination = fields.address(isIPv6) else { return fields.unfinished(.badAddress) }
        guard let sourcePort = fields.port(isLast: false) else { return fields.unfinished(.badAddress) }
        guard let destinationPort = fields.port(isLast: true) else { return fields.unfinished(.badAddress) }
        return fields.finish(
            ProxyHeader(
                .addresses(
                    source: Place(source, port: sourcePort),
                    destination: Place(destination, port: destinationPort))))
    }

    // MARK: Version 2

    private static func readBinary(_ bytes: ByteView) -> ProxyHeaderResult {
        let signature = ByteView("\r\n\r\n\0\r\nQUIT\n")
        let known = min(bytes.count, signature.count)
        guard bytes[0..<known] == signature[0..<known] else { return .failed(.noSignature) }
        guard bytes.count > 12 else { return .incomplete }
        let command = bytes[12]
        guard command == 0x20 || command == 0x21 else { return .failed(.badCommand) }
        guard bytes.count > 13 else { return .incomplete }
        let isLocal = command == 0x20
        let family = bytes[13] >> 4
        let transport = bytes[13] & 0x0F
        guard family <= 3, transport <= 2 else { return .failed(.badFamily) }
        // What a LOCAL header says of addresses is to be ignored (2.2).
        if !isLocal, transport == 2 { return .failed(.notAStream) }
        guard bytes.count >= 16 else { return .incomplete }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        let needed = isLocal || transport == 0 ? 0 : self.addressLength(family)
        guard length >= needed else { return .failed(.badLength) }
        guard 16 + length <= self.limit else { return .failed(.tooLong) }
        let end = 16 + length
        // A LOCAL header's addresses may be there; where they end is not told, so what follows is not looked
        // at. The same holds where the family is not told.
        if !isLocal, family != 0, transport != 0 {
            guard self.haveWholeExtensions(bytes, from: 16 + needed, to: end) else {
                return .failed(.badLength)
            }
        }
        guard bytes.count >= end else { return .incomplete }
        return .complete(self.binary(bytes, isLocal || transport == 0 ? 0 : family), bytes: end)
    }

    /// Bytes of both addresses and ports (2.2).
    private static func addressLength(_ family: UInt8) -> Int {
        switch family {
        case 1: 12
        case 2: 36
        case 3: 216
        default: 0
        }
    }

    /// Whether the TLVs, as far as they have come, fill what is left exactly; none is used.
    private static func haveWholeExtensions(_ bytes: ByteView, from start: Int, to end: Int) -> Bool {
        var at = start
        while at < end {
            guard at + 3 <= end else { return false }
            guard bytes.count >= at + 3 else { return true }
            at += 3 + Int(bytes[at + 1]) << 8 + Int(bytes[at + 2])
        }
        return at == end
    }

    private static func binary(_ bytes: ByteView, _ family: UInt8) -> ProxyHeader {
        func port(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }
        func ipv4(_ offset: Int) -> IPAddress {
            IPAddress(ipv4: UInt32(bigEndian: bytes.halfWord(at: offset)))
        }
        func ipv6(_ offset: Int) -> IPAddress {
            IPAddress(
                high: UInt64(bigEndian: bytes.word(at: offset)),
                low: UInt64(bigEndian: bytes.word(at: offset + 8)))
        }
        switch family {
        case 1:
            return ProxyHeader(
                .addresses(
                    source: Place(ipv4(16), port: port(24)), destination: Place(ipv4(20), port: port(26))))
        case 2:
            return ProxyHeader(
                .addresses(
                    source: Place(ipv6(16), port: port(48)), destination: Place(ipv6(32), port: port(50))))
        case 3: return ProxyHeader(.unix)
        default: return ProxyHeader(.own)
        }
    }
}

/// The fields of a line of version 1, which are parted by one space each.
private struct LineFields {
    private let bytes: ByteView
    private var at: Int
    /// The byte behind the field that was read last: space or CR.
    private(set) var end: UInt8 = 0x20
    /// What ended the search for a field's end, when it was not found.
    private var isShort = false
    private var isOverlong = false

    init(_ bytes: ByteView, from start: Int) {
        self.bytes = bytes
        self.at = start
    }

    /// The next field, up to a space or CR; nil when there is none, or not all of it yet.
    mutating func next() -> ByteView? {
        let limit = min(self.bytes.count, ProxyHeader.lineLimit)
        var index = self.at
        while index < limit {
            let byte = self.bytes[index]
            if byte == 0x20 || byte == 0x0D {
                guard index > self.at else { return nil }
                let field = self.bytes[self.at..<index]
                self.end = byte
                self.at = index + 1
                return field
            }
            guard byte > 0x20, byte < 0x7F else { return nil }
            index += 1
        }
        self.isShort = self.bytes.count < ProxyHeader.lineLimit
        self.isOverlong = !self.isShort
        return nil
    }

    mutating func address(_ isIPv6: Bool) -> IPAddress? {
        guard let field = self.next(), let address = IPAddress(field), address.isIPv6 == isIPv6,
            self.end == 0x20
        else { return nil }
        return address
    }

    /// 0...65535, in as many digits as it needs (2.1).
    mutating func port(isLast: Bool) -> UInt16? {
        guard let field = self.next(), self.end == (isLast ? 0x0D : 0x20), field.count <= 5,
            field.count == 1 || field[0] != 0x30, let value = field.decimal(), value <= 65535
        else { return nil }
        return UInt16(value)
    }

    /// What to answer when a field was not there: more is needed, or it is no good.
    func unfinished(_ error: ProxyHeaderError) -> ProxyHeaderResult {
        self.isShort ? .incomplete : .failed(self.isOverlong ? .badLine : error)
    }

    /// The LF behind the CR that ended the last field.
    func finish(_ header: ProxyHeader) -> ProxyHeaderResult {
        guard self.at < ProxyHeader.lineLimit else { return .failed(.badLine) }
        guard self.at < self.bytes.count else { return .incomplete }
        return self.bytes[self.at] == 0x0A
            ? .complete(header, bytes: self.at + 1) : .failed(.badLine)
    }

    /// What follows `UNKNOWN` up to the line's end must be ignored (2.1).
    mutating func skipRest(_ header: ProxyHeader) -> ProxyHeaderResult {
        while self.end != 0x0D {
            guard self.at < ProxyHeader.lineLimit else { return .failed(.badLine) }
            guard self.at < self.bytes.count else { return .incomplete }
            self.end = self.bytes[self.at]
            self.at += 1
        }
        return self.finish(header)
    }
}
