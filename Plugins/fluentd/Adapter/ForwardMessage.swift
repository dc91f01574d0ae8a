/// A message of events with one tag.
struct ForwardMessage {
    let tag: String
    /// Each an array of time and record.
    let events: [UInt8]
    let count: Int
    /// Whether they stand in it as bytes (PackedForward) or as an array (Forward).
    let isPacked: Bool

    /// - Parameter chunk: What the server acknowledges; nil: nothing.
    func bytes(chunk: String?) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(self.events.count + 128)
        out.pack(array: 3)
        out.pack(text: self.tag)
        if self.isPacked {
            out.pack(binary: self.events)
        } else {
            out.pack(array: self.count)
            out += self.events
        }
        out.pack(map: chunk == nil ? 1 : 2)
        out.pack(text: "size")
        out.pack(number: Int64(self.count))
        if let chunk {
            out.pack(text: "chunk")
            out.pack(text: chunk)
        }
        return out
    }

    /// A name for a chunk that no other has: 128 random bits in base64.
    static func newChunk() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = String((0..<21).map { _ in letters[Int.random(in: 0..<64)] })
        // Two bits are left; the other four are zero.
        text.append(letters[Int.random(in: 0..<4) * 16])
        return text + "=="
    }
}
