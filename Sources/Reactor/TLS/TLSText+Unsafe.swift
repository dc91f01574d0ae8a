internal import COpenSSL
internal import Glibc

// How texts come from C.

enum TLSText {
    private static let reasonRoom = 512

    /// Calls `make` with room for the reason why it gives nothing.
    static func made<Result>(_ make: (UnsafeMutablePointer<CChar>, Int) -> Result?) throws(TLSError) -> Result
    {
        var reason = [CChar](repeating: 0, count: Self.reasonRoom)
        // SAFETY: the array lives for the call, which writes a text and its NUL within what it is told.
        let made = reason.withUnsafeMutableBufferPointer { room in
            room.baseAddress.flatMap { make($0, room.count) }
        }
        if let made { return made }
        throw TLSError(
            String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Takes over a text that C has made; nil when there is none.
    static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        // SAFETY: malloc'ed with a NUL at its end, and handed to us to free.
        defer { free(text) }
        return String(cString: text)
    }
}
