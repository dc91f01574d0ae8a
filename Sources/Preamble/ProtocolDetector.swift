public import Primitives

/// Tells from a client's first bytes what it speaks, for listeners that take several protocols on one port.
///
///     0x16 0x03 …                          TLS
///     "PRI * HTTP/2.0 CR LF …" (24 bytes)  HTTP/2 (RFC 9113, 3.4)
///     method SP target SP HTTP/d.d LF      HTTP/1, well-formed or not
///     everything else                      other
///
/// A method alone decides nothing: other protocols begin with words, too (`CONNECT {` is NATS). So the whole
/// first line is looked at, up to a limit. Each byte is looked at once; allocates nothing.
public struct ProtocolDetector: Sendable {
    /// What was found.
    public enum Outcome: Sendable, Hashable {
        case needMore
        case tls, http2, http1, other
    }

    /// The longest first line that is waited for, in bytes; a longer one whose target begins with `/` is
    /// HTTP's, whose own limits then refuse it.
    public static let lineLimit = 16 << 10
    /// The longest method.
    private static let methodLimit = 64

    private enum Part: Sendable { case start, method, target }

    private var part = Part.start
    /// How far the bytes have been looked at.
    private var position = 0
    /// Where the method and the target begin.
    private var methodStart = 0
    private var targetStart = 0

    public init() {}

    /// Looks on.
    ///
    /// - Parameter bytes: All since the connection, or its TLS, began.
    public mutating func detect(_ bytes: ByteView) -> Outcome {
        if self.part == .start {
            guard bytes.count > 0 else { return .needMore }
            if bytes[0] == 0x16 { return Self.detectTLS(bytes) }
            let preface = ByteView("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            let known = min(bytes.count, preface.count)
            if bytes[0..<known] == preface[0..<known] { return known == preface.count ? .http2 : .needMore }
            // One empty line may stand before a request (RFC 9112, 2.2).
            if bytes[0] == 0x0D {
                guard bytes.count > 1 else { return .needMore }
                guard bytes[1] == 0x0A else { return .other }
                self.methodStart = 2
            }
            self.position = self.methodStart
            self.part = .method
        }
        if self.part == .method, let outcome = self.readMethod(bytes) { return outcome }
        return self.readLine(bytes)
    }

    private static func detectTLS(_ bytes: ByteView) -> Outcome {
        if bytes.count > 1, bytes[1] != 3 { return .other }
        guard bytes.count > 2 else { return .needMore }
        return bytes[2] <= 4 ? .tls : .other
    }

    /// - Returns: nil when the method is read.
    private mutating func readMethod(_ bytes: ByteView) -> Outcome? {
        while self.position < bytes.count {
            let byte = bytes[self.position]
            if byte == 0x20 {
                guard self.position > self.methodStart else { return .other }
                self.position += 1
                self.targetStart = self.position
                self.part = .target
                return nil
            }
            guard Self.isToken(byte), self.position - self.methodStart < Self.methodLimit else {
                return .other
            }
            self.position += 1
        }
        return .needMore
    }

    /// Up to the line's end, which tells.
    private mutating func readLine(_ bytes: ByteView) -> Outcome {
        while self.position < min(bytes.count, Self.lineLimit) {
            let byte = bytes[self.position]
            if byte == 0x0A { return self.hasVersion(bytes) ? .http1 : .other }
            // A control character is none of HTTP's, but for the CR before the LF.
            if byte < 0x20 && byte != 0x0D || bytes[self.position - 1] == 0x0D { return .other }
            self.position += 1
        }
        guard bytes.count >= Self.lineLimit else { return .needMore }
        return bytes[self.targetStart] == 0x2F ? .http1 : .other
    }

    /// Whether the line, whose LF is at `position`, ends with ` HTTP/d.d`.
    private func hasVersion(_ bytes: ByteView) -> Bool {
        let end = bytes[self.position - 1] == 0x0D ? self.position - 1 : self.position
        guard end - self.targetStart > 9 else { return false }
        let version = bytes[end - 9..<end]
        return version[0..<6] == " HTTP/" && version[6] &- 0x30 < 10 && version[7] == 0x2E
            && version[8] &- 0x30 < 10
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
