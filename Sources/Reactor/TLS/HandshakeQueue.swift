/// Streams whose handshake can go on, in the order in which they became ready.
struct HandshakeQueue {
    /// Nanoseconds of a loop's turn after which no further step begins: one signature with RSA takes longer,
    /// so that there is one in a turn, or a few with ECDSA.
    static let share: UInt64 = 250_000

    /// Those before `first` are nil: a connection that has closed must not stay for the place it had, or
    /// the memory of hundreds goes round, and none of it is in a cache when it is used again.
    private var streams: ContiguousArray<SocketStream?> = []
    private var first = 0

    var isEmpty: Bool { self.first == self.streams.count }

    /// A stream that is in the queue already keeps its place.
    mutating func append(_ stream: SocketStream) {
        if stream.isSecureDue { return }
        stream.isSecureDue = true
        self.streams.append(stream)
    }

    mutating func removeFirst() -> SocketStream? {
        guard !self.isEmpty else { return nil }
        let stream = self.streams[self.first].take()
        stream?.isSecureDue = false
        self.first += 1
        // Under a flood it is never empty: what is done must go all the same, but not with each step.
        if self.isEmpty || self.first >= 1024 {
            self.streams.removeFirst(self.first)
            self.first = 0
        }
        return stream
    }
}
