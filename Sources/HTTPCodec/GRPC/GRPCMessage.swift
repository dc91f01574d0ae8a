public import Filtering
public import Primitives

/// What gRPC writes into HTTP's fields.
public enum GRPCMessage {
    /// Whether a request is a call: POST, with `application/grpc` or one of its subtypes (`+proto`).
    ///
    /// gRPC-Web, whose framing is another, is none.
    @inlinable
    public static func isCall(_ request: HeaderBlock) -> Bool {
        guard request.method == "POST", let type = request.first(.contentType) else { return false }
        return Self.isType(type)
    }

    /// Whether a media type is gRPC's.
    public static func isType(_ type: ByteView) -> Bool {
        let own = ByteView("application/grpc")
        guard type.count >= own.count, type[0..<own.count].equalsIgnoringCase(own) else { return false }
        if type.count == own.count { return true }
        switch type[own.count] {
        case UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: " "): return true
        default: return false
        }
    }

    /// Appends a text as `grpc-message` carries it: bytes other than printable ASCII, and "%", as `%XX`.
    public static func encode(_ text: ByteView, to buffer: ByteBuffer) {
        let digits = ByteView("0123456789ABCDEF")
        for index in 0..<text.count {
            let byte = text[index]
            if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
                buffer.append(byte)
            } else {
                buffer.append(UInt8(ascii: "%"))
                buffer.append(digits[Int(byte >> 4)])
                buffer.append(digits[Int(byte & 15)])
            }
        }
    }
}
