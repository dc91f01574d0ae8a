internal import Glibc
public import Primitives
internal import Synchronization

/// A bounded queue of byte records from one worker to one consuming thread.
///
/// Neither side ever waits: a full ring drops the record, and the producer counts it. A record lies in one
/// piece:
///
///     | length, 8 bytes | payload, padded to 8 | length | payload | … | `skip` | (unused, go on at 0)
public final class RecordRing: @unchecked Sendable {
    // SAFETY: `base` addresses `capacity` bytes, freed in deinit. Positions only grow; bytes in `head..<tail`
    // belong to the consumer, the others to the producer. `tail` is stored with release after the bytes are
    // written and loaded with acquire before they are read; `head` the same the other way round. `nextTail`
    // and `headSeen` are touched by the producer only. One producer thread and one consumer at a time are the
    // callers' duty.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var nextTail = 0
    private var headSeen = 0
    private let tail = Atomic<Int>(0)
    private let isSignalled = Atomic<Bool>(false)
    private let wakeDescriptor: Int32
    /// Keeps what the consumer writes off the producer's cache line.
    private let padding: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)
    private let head = Atomic<Int>(0)

    private static let skip = UInt64.max

    /// - Parameters:
    ///   - capacity: Rounded up to a power of two; at least 4 KiB. A record may take half of it.
    ///   - wakeDescriptor: A non-blocking pipe or eventfd that gets 8 bytes when the ring becomes half full;
    ///     -1: none.
    public init(capacity: ByteCount, wakeDescriptor: Int32 = -1) {
        var size = 4096
        while size < capacity.bytes { size *= 2 }
        self.capacity = size
        self.base = .allocate(byteCount: size, alignment: 64)
        self.wakeDescriptor = wakeDescriptor
    }

    deinit { self.base.deallocate() }

    /// Appends a copy of `bytes`. The producer only.
    ///
    /// - Returns: false when there was no room.
    public func append(_ bytes: ByteView) -> Bool {
        guard let place = self.reserve(bytes.count) else { return false }
        memcpy(place, bytes.base, bytes.count)
        self.commit(bytes.count)
        return true
    }

    /// Room for a record of up to `bytes`, 8-byte aligned, to be filled and then committed. The producer
    /// only.
    public func reserve(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let needed = 8 + (bytes + 7) & ~7
        guard needed <= self.capacity / 2 else { return nil }
        let offset = self.nextTail & (self.capacity - 1)
        let toEnd = self.capacity - offset
        let claimed = needed <= toEnd ? needed : toEnd + needed
        if self.nextTail + claimed - self.headSeen > self.capacity {
            self.headSeen = self.head.load(ordering: .acquiring)
            if self.nextTail + claimed - self.headSeen > self.capacity { return nil }
        }
        guard needed > toEnd else { return self.base + offset + 8 }
        // `toEnd` is a multiple of 8 and not 0, so the mark fits.
        self.base.storeBytes(of: Self.skip, toByteOffset: offset, as: UInt64.self)
        self.nextTail += toEnd
        return self.base + 8
    }

    /// Publishes the first `bytes` of what ``reserve(_:)`` gave.
    public func commit(_ bytes: Int) {
        let offset = self.nextTail & (self.capacity - 1)
        self.base.storeBytes(of: UInt64(bytes), toByteOffset: offset, as: UInt64.self)
        self.nextTail += 8 + (bytes + 7) & ~7
        self.tail.store(self.nextTail, ordering: .releasing)
        if self.nextTail - self.headSeen > self.capacity / 2 { self.signal() }
    }

    /// Half full, by what is known: looks again, and wakes the consumer once.
    @inline(never)
    private func signal() {
        self.headSeen = self.head.load(ordering: .acquiring)
        guard self.nextTail - self.headSeen > self.capacity / 2, self.wakeDescriptor >= 0,
            !self.isSignalled.exchange(true, ordering: .acquiringAndReleasing)
        else { return }
        var one: UInt64 = 1
        // A full pipe means that the consumer is about to wake anyway.
        _ = write(self.wakeDescriptor, &one, 8)
    }

    /// Hands out the records that are there, oldest first, each valid until `body` returns. The consumer
    /// only.
    ///
    /// - Parameter limit: Stops after the record that brings the bytes handed out to this many.
    /// - Returns: How many there were.
    @discardableResult
    public func drain(limit: Int = .max, _ body: (ByteView) -> Void) -> Int {
        self.isSignalled.store(false, ordering: .releasing)
        var position = self.head.load(ordering: .relaxed)
        let end = self.tail.load(ordering: .acquiring)
        var records = 0
        var bytes = 0
        while position < end, bytes < limit {
            let offset = position & (self.capacity - 1)
            let length = self.base.load(fromByteOffset: offset, as: UInt64.self)
            if length == Self.skip {
                position += self.capacity - offset
                continue
            }
            body(ByteView(base: self.base + offset + 8, count: Int(length)))
            position += 8 + (Int(length) + 7) & ~7
            records += 1
            bytes += Int(length)
            // Early, so that the producer finds room while a long batch is formatted.
            self.head.store(position, ordering: .releasing)
        }
        self.head.store(position, ordering: .releasing)
        return records
    }
}
