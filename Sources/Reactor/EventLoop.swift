public import Primitives
internal import Synchronization

/// One thread's loop: descriptors, timers, and work that other threads send.
///
/// A turn: wait for events, read the clock once, run each ready handler and what it left to flush, run due
/// timers, flush what has gathered, run what was put off to this turn, then free what handlers retired.
/// Everything but ``mailbox`` is for the loop's thread.
public final class EventLoop {
    /// How many bytes one read takes at most: with twice as many a large body no longer stays in the second
    /// cache between read and write, and costs 1.4 times as much.
    public static let scratchCapacity = 64 * 1024

    let poller: Poller
    public let timers: TimerWheel
    public let mailbox: Mailbox
    /// The clock as read at the beginning of this turn.
    public private(set) var now: MonotonicTime
    public private(set) var wallTime: WallTime
    private let turnStart = Atomic<UInt64>(0)
    /// What every read of this loop goes into; its bytes are gone with the next read.
    public internal(set) var scratch: ByteBuffer
    private var flushDue: ContiguousArray<EventHandler> = []
    /// Those with ``EventHandler/gathersTurn``.
    private var gathering: ContiguousArray<EventHandler> = []
    private var proceedDue: ContiguousArray<EventHandler> = []
    private var proceeding: ContiguousArray<EventHandler> = []
    private var handshakes = HandshakeQueue()
    /// What the TLS sessions of this loop have to send.
    private(set) lazy var tlsSink = TLSSink()
    private var retired: ContiguousArray<AnyObject> = []
    private var spareBuffers: ContiguousArray<ByteBuffer> = []
    private var sparePipes: ContiguousArray<SplicePipe> = []
    private var isStopping = false

    /// - Throws: ``SocketError`` when the kernel gives no descriptor.
    public init() throws {
        self.now = .now()
        self.wallTime = .now()
        self.poller = try Poller()
        self.timers = TimerWheel(now: self.now)
        self.mailbox = try Mailbox.make()
        self.scratch = ByteBuffer(capacity: Self.scratchCapacity)
        try self.poller.add(self.mailbox.descriptor, self.mailbox)
    }

    /// Watches `descriptor` for everything, edge triggered, until ``deregister(_:)``, which comes before
    /// it is closed. `handler` must live until then, and be handed to ``retire(_:)`` after.
    public func register(_ descriptor: Int32, _ handler: EventHandler) throws {
        try self.poller.add(descriptor, handler)
    }

    /// As ``register(_:_:)`` for a listening socket that several loops share: one of them is woken.
    public func registerShared(_ descriptor: Int32, _ handler: EventHandler) throws {
        try self.poller.addShared(descriptor, handler)
    }

    /// Watches `descriptor` for what is asked, as long as it holds (level triggered): for libraries that read
    /// and write themselves, and only a part at a time.
    ///
    /// - Parameter isKnown: It is watched already, and is to be watched for something else.
    public func watch(
        _ descriptor: Int32, _ handler: EventHandler, readable: Bool, writable: Bool, isKnown: Bool
    ) throws {
        try self.poller.watch(descriptor, handler, readable: readable, writable: writable, isKnown: isKnown)
    }

    public func deregister(_ descriptor: Int32) { self.poller.remove(descriptor) }

    /// When the present turn began, in nanoseconds of the monotonic clock; 0 while the loop waits. From any
    /// thread.
    public var turnBegan: UInt64 { self.turnStart.load(ordering: .relaxed) }

    /// Runs until ``stop()``.
    public func run() {
        while !self.isStopping { self.turn(wait: true) }
    }

    /// Ends ``run()`` after this turn.
    public func stop() { self.isStopping = true }

    /// One turn; without `wait` only what is ready now.
    public func turn(wait: Bool) {
        var patience = wait ? self.timers.wait(from: self.now) : 0
        if !self.proceedDue.isEmpty || !self.handshakes.isEmpty { patience = 0 }
        self.turnStart.store(0, ordering: .relaxed)
        let count = self.poller.wait(nanoseconds: patience)
        self.now = .now()
        self.turnStart.store(self.now.nanoseconds, ordering: .relaxed)
        self.wallTime = .now()
        for index in 0..<count {
            self.poller.deliver(index)
            if !self.flushDue.isEmpty { self.flushAll() }
        }
        self.timers.advance(to: self.now)
        self.flushGathered()
        if !self.proceedDue.isEmpty { self.proceedAll() }
        if !self.handshakes.isEmpty { self.shakeSomeHands() }
        self.flushGathered()
        if !self.retired.isEmpty { self.retired.removeAll(keepingCapacity: true) }
    }

    /// Has `handler.flush()` called once the present handler returns, or all of this turn have when it
    /// ``EventHandler/gathersTurn``.
    @inlinable
    public func flushSoon(_ handler: EventHandler) {
        if handler.isFlushDue { return }
        handler.isFlushDue = true
        self.enqueueFlush(handler)
    }

    @usableFromInline
    func enqueueFlush(_ handler: EventHandler) {
        if handler.gathersTurn { self.gathering.append(handler) } else { self.flushDue.append(handler) }
    }

    /// Has `handler.flush()` called once the present handler returns: it has gathered enough.
    @inlinable
    public func flushNow(_ handler: EventHandler) {
        if handler.isFlushUrgent || !handler.gathersTurn { return self.flushSoon(handler) }
        handler.isFlushUrgent = true
        handler.isFlushDue = true
        self.enqueueUrgent(handler)
    }

    @usableFromInline
    func enqueueUrgent(_ handler: EventHandler) { self.flushDue.append(handler) }

    /// Has `handler.proceed()` called in this turn after all events, or in the next.
    public func proceedSoon(_ handler: EventHandler) {
        if handler.isProceedDue { return }
        handler.isProceedDue = true
        self.proceedDue.append(handler)
    }

    /// Has `stream.secure()` called in this turn after everything else, or in one of the next: handshakes
    /// have a share of each turn only, so that they do not make other connections wait.
    func secureSoon(_ stream: SocketStream) { self.handshakes.append(stream) }

    private func shakeSomeHands() {
        let end = MonotonicTime.now().advanced(byNanoseconds: HandshakeQueue.share)
        repeat {
            self.handshakes.removeFirst()?.secure()
            if !self.flushDue.isEmpty { self.flushAll() }
        } while !self.handshakes.isEmpty && MonotonicTime.now() < end
    }

    /// Keeps `object` until the turn ends, because events of this batch may still name it.
    public func retire(_ object: AnyObject) { self.retired.append(object) }

    private func flushAll() {
        var index = 0
        while index < self.flushDue.count {  // A flush may fail, and its handler ask another to flush.
            let handler = self.flushDue[index]
            handler.isFlushDue = false
            handler.isFlushUrgent = false
            handler.flush()
            index += 1
        }
        self.flushDue.removeAll(keepingCapacity: true)
    }

    private func flushGathered() {
        repeat {
            if !self.flushDue.isEmpty { self.flushAll() }
            if self.gathering.isEmpty { return }
            var index = 0
            while index < self.gathering.count {
                let handler = self.gathering[index]
                index += 1
                // One that was urgent may have been flushed already.
                if !handler.isFlushDue || handler.isFlushUrgent { continue }
                handler.isFlushDue = false
                handler.flush()
            }
            self.gathering.removeAll(keepingCapacity: true)
        } while !self.flushDue.isEmpty
    }

    private func proceedAll() {
        swap(&self.proceedDue, &self.proceeding)
        for handler in self.proceeding {
            handler.isProceedDue = false
            handler.proceed()
            if !self.flushDue.isEmpty { self.flushAll() }
        }
        self.proceeding.removeAll(keepingCapacity: true)
    }

    // MARK: Buffers

    /// An empty buffer for bytes that wait.
    public func takeBuffer() -> ByteBuffer { self.spareBuffers.popLast() ?? ByteBuffer(capacity: 4096) }

    /// Gives a buffer back; its bytes are gone. Large ones are not hoarded.
    public func giveBack(_ buffer: ByteBuffer) {
        guard buffer.capacity <= Self.scratchCapacity, self.spareBuffers.count < 64 else { return }
        buffer.reset()
        self.spareBuffers.append(buffer)
    }

    /// An empty pipe; nil when the process can have no more.
    func takePipe() -> SplicePipe? { self.sparePipes.popLast() ?? SplicePipe() }

    /// Gives an empty pipe back.
    func giveBack(_ pipe: SplicePipe) {
        if self.sparePipes.count < 16 { self.sparePipes.append(pipe) }
    }
}
