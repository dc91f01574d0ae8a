public import Primitives

/// Reads a TLS ClientHello without taking part in the handshake (RFC 8446, 4.1.2; RFC 6066, 3; RFC 7301,
/// 3.1).
///
///     record │ type length version random session ciphers compression │ extension … extension │
///                                                                        └ server_name, ALPN, versions
///
/// Incremental: each byte is looked at once, however the message is cut into records and segments. Strict
/// where two readers could see different names: lengths must fit, the extensions it reads stand once, and the
/// one name is a host name. A refusal comes with the first byte that makes it certain. Allocates nothing,
/// unless names and protocols together are longer than 512 bytes.
public struct ClientHelloParser {
    /// What comes next: a number, or bytes that are skipped or kept.
    private enum Step {
        case type, length, version, random
        case sessionLength, session, ciphersLength, ciphers, compressionLength, compression
        case extensionsLength, extensionType, extensionLength
        case otherExtension
        case nameListLength, nameType, nameLength, name
        case protocolsLength, protocols
        case versionsLength, offeredVersion
    }

    /// The longest message that is read by default, in bytes; OpenSSL and browsers send 250 to 1,900.
    public static let defaultLimit = 16 << 10
    /// A message without session, with one cipher suite and no extension.
    private static let shortest = 41

    private let limit: Int
    private var records = HandshakeRecords()
    private var step = Step.type
    /// Bytes of the present step that are to come.
    private var left = 1
    private var number = 0
    /// Bytes that are to come of the message, and of the present extension.
    private var messageLeft = 4
    private var extensionLeft = 0
    private var extensionType = 0
    /// Bytes of the present protocol's name that are to come.
    private var protocolLeft = 0
    private var hasName = false
    private var hasProtocols = false
    private var hasVersions = false
    private var outcome = ClientHelloResult.incomplete

    /// - Parameter limit: The longest message, in bytes.
    public init(limit: Int = defaultLimit) { self.limit = limit }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: All since the connection began: what was shown before, with more behind it.
    ///   - hello: Takes the facts; whole only after `complete`.
    /// - Returns: After `complete` or `failed` the same again.
    public mutating func parse(_ bytes: ByteView, into hello: ClientHello) -> ClientHelloResult {
        while self.outcome == .incomplete {
            switch self.records.next(bytes) {
            case .incomplete: return .incomplete
            case .failed: self.outcome = .failed(.badRecord)
            case .payload(let piece): self.take(piece, hello)
            }
        }
        return self.outcome
    }

    private mutating func take(_ piece: ByteView, _ hello: ClientHello) {
        var rest = piece
        while !rest.isEmpty {
            let count = self.isNumber ? 1 : min(self.left, rest.count)
            self.left -= count
            self.messageLeft -= count
            if self.isInExtension { self.extensionLeft -= count }
            var error = self.took(rest[0..<count], hello)
            rest = rest.dropFirst(count)
            if error == nil, self.left == 0 { error = self.ended(hello) }
            if let error {
                self.outcome = .failed(error)
                return
            }
            if self.messageLeft == 0 {
                // The client may say nothing more before it has an answer.
                let isLast = rest.isEmpty && self.records.rest == 0
                self.outcome = isLast ? .complete : .failed(.badRecord)
                return
            }
        }
    }

    private var isNumber: Bool {
        switch self.step {
        case .random, .session, .ciphers, .compression, .otherExtension, .name, .protocols: false
        default: true
        }
    }

    private var isInExtension: Bool {
        switch self.step {
        case .otherExtension, .nameListLength, .nameType, .nameLength, .name, .protocolsLength, .protocols,
            .versionsLength, .offeredVersion:
            true
        default: false
        }
    }

    // MARK: Bytes

    private mutating func took(_ bytes: ByteView, _ hello: ClientHello) -> ClientHelloError? {
        switch self.step {
        case .random, .session, .ciphers, .compression, .otherExtension: return nil
        case .name: return self.tookName(bytes, hello)
        case .protocols: return self.tookProtocols(bytes, hello)
        default:
            self.number = self.number << 8 | Int(bytes[0])
            return nil
        }
    }

    /// Letters, digits, `-`, `_` and dots between them, as host names have (RFC 6066, 3: no dot at the end).
    private mutating func tookName(_ bytes: ByteView, _ hello: ClientHello) -> ClientHelloError? {
        for index in 0..<bytes.count {
            let byte = asciiLowercase(bytes[index])
            let isLabel = byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F
            let follows = hello.name.isEmpty ? false : hello.text.view[hello.text.count - 1] != 0x2E
            guard isLabel || byte == 0x2E && follows else { return .badServerName }
            hello.text.append(byte)
            hello.name = hello.name.lowerBound..<hello.text.count
        }
        return self.left == 0 && hello.text.view[hello.text.count - 1] == 0x2E ? .badServerName : nil
    }

    private mutating func tookProtocols(_ bytes: ByteView, _ hello: ClientHello) -> ClientHelloError? {
        var index = 0
        while index < bytes.count {
            if self.protocolLeft == 0 {
                self.protocolLeft = Int(bytes[index])
                index += 1
                let whole = self.left + bytes.count - index
                if self.protocolLeft == 0 || self.protocolLeft > whole { return .badLength }
            } else {
                let count = min(self.protocolLeft, bytes.count - index)
                self.protocolLeft -= count
                index += count
            }
        }
        hello.text.append(bytes)
        hello.protocols = hello.protocols.lowerBound..<hello.text.count
        return nil
    }

    // MARK: Steps

    /// The present step has all its bytes: what it says, and the next one.
    private mutating func ended(_ hello: ClientHello) -> ClientHelloError? {
        let number = self.number
        self.number = 0
        switch self.step {
        case .type: return number == 1 ? self.begin(.length, 3) : .notClientHello
        case .length:
            if number > self.limit { return .tooLong }
            if number < Self.shortest { return .badLength }
            self.messageLeft = number
            return self.begin(.version, 2)
        case .version:
            guard (0x300...0x304).contains(number) else { return .badVersion }
            hello.highestVersion = UInt16(min(number, 0x303))
            return self.begin(.random, 32)
        case .random: return self.begin(.sessionLength, 1)
        case .sessionLength:
            return number > 32
                ? .badLength : self.begin(number > 0 ? .session : .ciphersLength, number > 0 ? number : 2)
        case .session: return self.begin(.ciphersLength, 2)
        case .ciphersLength:
            return number < 2 || number % 2 != 0 ? .badLength : self.begin(.ciphers, number)
        case .ciphers: return self.begin(.compressionLength, 1)
        case .compressionLength: return number == 0 ? .badLength : self.begin(.compression, number)
        case .compression: return self.messageLeft == 0 ? nil : self.begin(.extensionsLength, 2)
        case .extensionsLength:
            return number != self.messageLeft ? .badLength : self.beginExtension()
        case .extensionType:
            self.extensionType = number
            return self.begin(.extensionLength, 2)
        case .extensionLength: return self.beginExtension(length: number, hello)
        default: return self.endedInExtension(number, hello)
        }
    }

    private mutating func endedInExtension(_ number: Int, _ hello: ClientHello) -> ClientHelloError? {
        switch self.step {
        case .nameListLength: return number != self.extensionLeft ? .badLength : self.begin(.nameType, 1)
        case .nameType: return number != 0 ? .badServerName : self.begin(.nameLength, 2)
        case .nameLength:
            // There is no other kind of name, and one of a kind (RFC 6066, 3).
            guard number == self.extensionLeft, (1...255).contains(number) else { return .badServerName }
            hello.name = hello.text.count..<hello.text.count
            return self.begin(.name, number)
        case .protocolsLength:
            guard number == self.extensionLeft, number >= 2 else { return .badLength }
            hello.protocols = hello.text.count..<hello.text.count
            return self.begin(.protocols, number)
        case .versionsLength:
            guard number == self.extensionLeft, number >= 2, number % 2 == 0 else { return .badLength }
            return self.begin(.offeredVersion, 2)
        case .offeredVersion:
            // Others are drafts, or there to be ignored (RFC 8701).
            if (0x301...0x304).contains(number) {
                hello.highestVersion = max(hello.highestVersion, UInt16(number))
            }
            return self.extensionLeft > 0 ? self.begin(.offeredVersion, 2) : self.beginExtension()
        default: return self.beginExtension()
        }
    }

    /// Each part must fit into what it is part of.
    private mutating func begin(_ step: Step, _ bytes: Int) -> ClientHelloError? {
        self.step = step
        self.left = bytes
        return bytes > (self.isInExtension ? self.extensionLeft : self.messageLeft) ? .badLength : nil
    }

    /// The next extension, if one follows.
    private mutating func beginExtension() -> ClientHelloError? {
        self.messageLeft == 0 ? nil : self.begin(.extensionType, 2)
    }

    private mutating func beginExtension(length: Int, _ hello: ClientHello) -> ClientHelloError? {
        guard length <= self.messageLeft else { return .badLength }
        self.extensionLeft = length
        switch self.extensionType {
        case 0:
            if self.hasName { return .repeatedExtension }
            self.hasName = true
            return length == 0 ? .badServerName : self.begin(.nameListLength, 2)
        case 16:
            if self.hasProtocols { return .repeatedExtension }
            self.hasProtocols = true
            return self.begin(.protocolsLength, 2)
        case 43:
            if self.hasVersions { return .repeatedExtension }
            self.hasVersions = true
            return self.begin(.versionsLength, 1)
        default:
            return length == 0 ? self.beginExtension() : self.begin(.otherExtension, length)
        }
    }
}
