internal import PosternSDK

/// Base64 that comes in pieces, each cut anywhere, and that may be padded in the middle: a client may have
/// encoded its messages one by one.
struct Base64Stream: Sendable {
    /// Characters that do not make a group of four yet.
    private var rest: [UInt8] = []

    /// Whether the text could end here.
    var isComplete: Bool { self.rest.isEmpty }

    /// - Returns: The bytes of the groups that are complete; nil when the text is no base64.
    mutating func decode(_ text: borrowing Span<UInt8>) -> [UInt8]? {
        for index in text.indices { self.rest.append(text[index]) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.rest.count / 4 * 3)
        var start = 0
        let whole = self.rest.count / 4 * 4
        while start < whole {
            var end = whole
            if let padding = self.rest[start..<whole].firstIndex(of: 0x3D) {
                end = start + (padding - start) / 4 * 4 + 4
            }
            let part = Array(self.rest[start..<end])
            guard let decoded = Base64.decode(part.span) else { return nil }
            bytes += decoded
            start = end
        }
        self.rest.removeFirst(whole)
        return bytes
    }
}
