internal import COpenSSL
internal import Filtering
internal import Primitives

/// The key and its answer by which HTTP/1.1 opens a WebSocket (RFC 6455, 1.3); over HTTP/2 neither is there
/// (RFC 8441, 5), so they are made where one side speaks the one and the other the other.
enum WebSocketHandshake {
    private static var keyField: ByteView { ByteView("sec-websocket-key") }

    /// Gives a request that came without a key one.
    static func addKey(to request: HeaderBlock, random: inout RandomSource) {
        guard Self.opensWebSocket(request), request.first(named: Self.keyField) == nil else { return }
        let bytes: [UInt8] = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        Self.base64(bytes).withByteView { _ = request.add(Self.keyField, $0) }
    }

    /// The answer to the request's key; nil when it has none.
    static func answer(to request: HeaderBlock) -> [UInt8]? {
        guard Self.opensWebSocket(request), let key = request.first(named: Self.keyField) else { return nil }
        let text = key.bytes + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        // SAFETY: SHA1 reads `count` bytes and writes SHA_DIGEST_LENGTH.
        text.withUnsafeBufferPointer { text in
            digest.withUnsafeMutableBufferPointer { _ = SHA1(text.baseAddress, text.count, $0.baseAddress) }
        }
        return Self.base64(digest)
    }

    private static func opensWebSocket(_ request: HeaderBlock) -> Bool {
        request.first(.upgrade)?.equalsIgnoringCase(ByteView("websocket")) ?? false
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        // SAFETY: EVP_EncodeBlock writes four bytes for three, begun ones included, and a NUL.
        text.withUnsafeMutableBufferPointer { text in
            bytes.withUnsafeBufferPointer {
                _ = EVP_EncodeBlock(text.baseAddress, $0.baseAddress, Int32($0.count))
            }
        }
        text.removeLast()
        return text
    }
}
