/// How the streams that closed last were closed, since that decides what a late frame on one means (RFC
/// 9113, 5.1).
///
/// A ring; looked at only when a frame names a stream that is not open.
struct HTTP2ClosedStreams {
    enum Ending: UInt32 {
        /// Ended by both sides.
        case finished = 0
        /// By the peer's RST_STREAM.
        case resetByPeer = 1
        /// By ours: what the peer had sent until it saw that is still to be expected.
        case resetByUs = 2
    }

    /// Streams remembered.
    static let capacity = 128
    private var entries: [UInt64] = []
    private var next = 0
    /// The highest stream reset by us that is remembered no more; 0: none.
    private var highestForgotten: UInt32 = 0

    mutating func add(_ stream: UInt32, _ ending: Ending) {
        let entry = UInt64(stream) << 2 | UInt64(ending.rawValue)
        if self.entries.count < Self.capacity {
            if self.entries.isEmpty { self.entries.reserveCapacity(Self.capacity) }
            self.entries.append(entry)
        } else {
            let oldest = self.entries[self.next]
            if oldest & 3 == UInt64(Ending.resetByUs.rawValue) {
                self.highestForgotten = max(self.highestForgotten, UInt32(truncatingIfNeeded: oldest >> 2))
            }
            self.entries[self.next] = entry
            self.next = (self.next + 1) % Self.capacity
        }
    }

    /// - Returns: nil when it is not remembered, or was never open. A stream below one that we have reset and
    ///   forgotten may be another such: what comes late on it is no mistake of the peer's.
    func ending(of stream: UInt32) -> Ending? {
        for entry in self.entries where entry >> 2 == UInt64(stream) {
            return Ending(rawValue: UInt32(entry & 3))
        }
        return stream <= self.highestForgotten ? .resetByUs : nil
    }
}
