internal import CNetTLS

/// SHA-512, for handshakes of protocols that prove a shared key by it.
public enum SHA512 {
    /// The digest in lower-case hexadecimal.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 64)
        // SAFETY: the pointers live as long as the call; the digest has the 64 bytes that it writes.
        _ = bytes.withUnsafeBufferPointer { postern_net_sha512($0.baseAddress, $0.count, &digest) }
        var text: [UInt8] = []
        text.reserveCapacity(128)
        for byte in digest {
            for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
