internal import Glibc
public import Primitives

/// A connected socket in a loop: reads into the loop's scratch, writes at once, and remembers what must wait.
///
///     read ──► received(_:) ──► (what it leaves is kept and shown again with more behind it)
///     send(_:) ──► small: gathered until flush ─┐
///              ──► large: written through ──────┴─► what the socket refuses waits in `output`
///
/// Sending never calls the subclass: an error met on the way is told by the next flush, when no handler is on
/// the stack.
///
/// Backpressure: while ``isWriteBlocked`` whoever feeds this stream pauses its source with
/// ``pauseReading()``, and goes on when ``outputDrained()`` is called.
open class SocketStream: EventHandler {
    /// Sends shorter than this are gathered and leave in one write at the end of the turn's handler.
    @usableFromInline static let gatherLimit = 4096
    /// Reads in one go before other handlers get their turn.
    static let readsPerTurn = 8

    public final let loop: EventLoop
    public private(set) final var socket: Socket
    /// Set by ``startTLS(_:)``; its facts are known when ``secured()`` is called.
    public internal(set) final var tls: TLSSession?
    /// Whether the handshake of TLS has a place in the loop's queue.
    final var isSecureDue = false
    /// Bytes that `received` did not take yet.
    final var pendingInput: ByteBuffer?
    /// Bytes that wait to be written, and with TLS to be encrypted.
    @usableFromInline final var output: ByteBuffer?
    public private(set) final var isClosed = false
    public private(set) final var isConnecting: Bool
    /// The socket refused bytes; ``outputDrained()`` will be called.
    public internal(set) final var isWriteBlocked = false {
        didSet { if self.isWriteBlocked { self.isDrainAwaited = true } }
    }
    /// An error has ended writing; whatever is sent is dropped.
    public private(set) final var isWriteFailed = false
    /// A write was told that the peer has broken off, and not ended; reads are not told again.
    private final var isReset = false
    /// `errno` of a write that the subclass has not been told of; 0 when there is none.
    final var untoldError: Int32 = 0
    public private(set) final var isReadingPaused = false
    final var mayHaveInput = false
    final var peerEnded = false
    final var isShutdownDue = false
    final var isDrainAwaited: Bool
    final var isDelivering = false
    /// Other addresses, while connecting.
    private final var race: ConnectRace?
    /// The last read has filled the buffer: there is more than one read's worth.
    final var isBulk = false
    /// What another stream's bulk has left to be written, before `output`.
    final var pipe: SplicePipe?
    /// Whether ``fillOutput(_:)`` is called before bytes leave. Such a stream carries many exchanges: it
    /// writes once a turn, and not behind each handler.
    public final var fillsOutput = false {
        didSet { self.gathersTurn = self.fillsOutput }
    }
    /// What gathers before a stream does not wait for the turn's end: two records of TLS. More would no
    /// longer be in the first caches when it is encrypted.
    @usableFromInline static let turnLimit = 32 * 1024

    /// Takes over `socket`; register it with ``start()``.
    public init(loop: EventLoop, socket: Socket, isConnecting: Bool) {
        self.loop = loop
        self.socket = socket
        self.isConnecting = isConnecting
        self.isDrainAwaited = isConnecting
    }

    /// Begins to receive events.
    public final func start() throws { try self.loop.register(self.socket.descriptor, self) }

    /// Has the addresses tried, too, one after the other, when the first takes its time or fails: the
    /// connection is the one that is there first, and has failed when the last one has (RFC 8305).
    ///
    /// Once, after ``start()``, while connecting.
    public final func race(_ others: ArraySlice<SocketAddress>) {
        if !others.isEmpty, self.isConnecting, !self.isClosed { self.race = ConnectRace(self, others) }
    }

    /// Another socket has connected first: it takes the place of this one's, and says so in the next turn.
    final func takeOver(_ winner: Socket) {
        self.endRace()
        self.leaveLoop()
        self.socket.close()
        self.socket = winner
        self.tls?.use(winner.descriptor)
        do {
            try self.start()
        } catch {
            self.failed((error as? SocketError)?.code ?? 0, whileWriting: false)
        }
    }

    private func endRace() {
        self.race?.cancel()
        self.race = nil
    }

    // MARK: For subclasses

    /// Bytes arrived: all that has not been taken yet.
    ///
    /// - Returns: How many were taken; the rest is shown again when more comes, or after ``resumeReading()``.
    open func received(_ bytes: ByteView) -> Int { bytes.count }

    /// The stream whose socket takes all of this one's input as it is; nil: nobody looks past
    /// ``received(_:)``. Asked while much is coming; what goes there is told by ``spliced(_:)``.
    open var spliceTarget: SocketStream? { nil }

    /// So many bytes have gone to ``spliceTarget`` without being shown.
    open func spliced(_ bytes: Int) {}

    /// The peer will send no more. Called once; not while reading is paused.
    open func inputEnded() {}

    /// What a connect, or a socket that was full, had kept waiting has been written, or what
    /// ``finishOutput()`` asks about.
    open func outputDrained() {}

    /// Before bytes leave, when ``fillsOutput`` is set: append what can go now. Called again when the socket
    /// has taken that, until nothing is appended; ``flushSoon()`` asks for a call.
    open func fillOutput(_ output: ByteBuffer) {}

    /// A part of what had to wait has been written.
    open func outputProgressed() {}

    /// The connection failed with `code` (`errno`): while connecting, reading, or writing.
    ///
    /// `EPROTO` is a failure of TLS, `ECONNRESET` also a connection that has ended without close_notify;
    /// `tls?.failure` says more.
    ///
    ///
    /// After a failed write the input can still be read: what the peer said before it closed is there.
    open func failed(_ code: Int32, whileWriting: Bool) {}

    /// The connection is dead while reading is paused: nothing can be written, input may be left.
    open func connectionLost() {}

    /// A connect has succeeded; with TLS the handshake follows.
    open func connected() {}

    /// The handshake that ``startTLS(_:)`` asked for is done; what was sent before leaves behind it.
    open func secured() {}

    /// The stream was closed; its descriptor is gone.
    open func closed() {}

    // MARK: Events

    public final override func ready(_ events: ReadyEvents) {
        if self.isClosed { return }
        if self.isConnecting {
            guard !events.isDisjoint(with: [.writable, .failure]) else { return }
            let code = self.socket.connectError
            if code != 0 {
                if self.race?.goesOn(afterFirst: code) == true {
                    self.leaveLoop()
                    self.socket.close()
                    self.socket = Socket(descriptor: -1)
                    return
                }
                return self.failed(code, whileWriting: false)
            }
            self.endRace()
            self.isConnecting = false
            self.connected()
            if self.isClosed { return }
            if self.tls == nil { self.flush() } else { self.loop.secureSoon(self) }
        } else if events.contains(.writable), self.isWriteBlocked {
            self.isWriteBlocked = false
            self.flush()
        }
        if self.isClosed || events.isDisjoint(with: [.readable, .endOfInput, .failure]) { return }
        self.mayHaveInput = true
        if !events.isDisjoint(with: [.endOfInput, .failure]) { self.peerEnded = true }
        if let tls = self.tls {
            tls.readable(ended: self.peerEnded)
            if tls.isHandshaking { return self.loop.secureSoon(self) }
        }
        if !self.isReadingPaused {
            self.readAll()
        } else if !events.isDisjoint(with: .failure) {
            self.connectionLost()
        }
    }

    /// Goes on with what ``resumeReading()`` asked for.
    public final override func proceed() {
        if self.isClosed || self.isReadingPaused || self.isSecuring { return }
        if let pending = self.pendingInput, !pending.isEmpty { self.deliver(pending) }
        if !self.isClosed, !self.isReadingPaused, self.mayHaveInput { self.readAll() }
    }

    final func readAll() {
        if let tls = self.tls { return self.readAll(through: tls) }
        var reads = 0
        while self.mayHaveInput {
            if reads == Self.readsPerTurn { return self.loop.proceedSoon(self) }
            reads += 1
            if self.isBulk, self.splice() {
                if self.isClosed || self.isReadingPaused { return }
                continue
            }
            let buffer = self.bufferToReadInto()
            switch self.socket.read(into: buffer) {
            case .bytes(0): return self.readEnd()
            case .bytes:
                // After a short read there is no more, and the kernel will say so when there is; but not
                // again that the peer has ended, so then the end must be read now.
                if buffer.spare > 0, !self.peerEnded { self.mayHaveInput = false }
                self.isBulk = buffer.spare == 0
                self.deliver(buffer)
            case .wouldBlock:
                self.mayHaveInput = false
            case .failed(let code):
                self.mayHaveInput = false
                return self.failed(code, whileWriting: false)
            }
            // With TLS begun in `received`, the rest belongs to the handshake.
            if self.isClosed || self.isReadingPaused || self.tls != nil { return }
        }
    }

    /// A read has come to the end of input.
    final func readEnd() {
        self.mayHaveInput = false
        if self.isReset { self.failed(ECONNRESET, whileWriting: false) } else { self.inputEnded() }
    }

    /// Has ``inputEnded()`` called once more, behind what was not taken: who was told did not want to know.
    public final func tellEndAgain() {
        self.mayHaveInput = true
        self.tls?.isInputOver = false
        self.loop.proceedSoon(self)
    }

    /// The scratch, unless earlier bytes wait for their rest.
    final func bufferToReadInto() -> ByteBuffer {
        if let pending = self.pendingInput {
            pending.compact()
            pending.reserve(16 * 1024)
            return pending
        }
        self.loop.scratch.reset()
        return self.loop.scratch
    }

    final func deliver(_ buffer: ByteBuffer) {
        self.isDelivering = true
        let taken = self.received(buffer.view)
        self.isDelivering = false
        if self.isClosed { return self.dropInput() }
        if buffer === self.pendingInput {
            buffer.consume(taken)
            if buffer.isEmpty { self.dropInput() }
        } else if taken < buffer.count {
            let pending = self.loop.takeBuffer()
            pending.append(buffer.view.dropFirst(taken))
            self.pendingInput = pending
        }
        if let tls = self.tls, tls.isHandshaking { self.passInput(to: tls) }
    }

    private func dropInput() {
        guard let pending = self.pendingInput else { return }
        self.pendingInput = nil
        self.loop.giveBack(pending)
    }

    /// Stops calls of ``received(_:)``; the kernel's buffer fills and the peer has to wait.
    public final func pauseReading() { self.isReadingPaused = true }

    /// Undoes ``pauseReading()``; what waits is shown later in this turn or in the next.
    public final func resumeReading() {
        guard self.isReadingPaused else { return }
        self.isReadingPaused = false
        if self.mayHaveInput || self.pendingInput != nil || self.isDelivering { self.loop.proceedSoon(self) }
    }

    // MARK: Writing

    /// Sends a copy of `bytes` and then `tail`, or keeps what the socket refuses; never fails here, see
    /// ``failed(_:whileWriting:)``.
    @inlinable
    public final func send(_ bytes: ByteView, tail: StaticString = "") {
        if bytes.count >= Self.gatherLimit {
            self.writeThrough(bytes, ByteView(tail))
        } else {
            let output = self.beginOutput()
            output.append(bytes)
            output.append(tail)
        }
    }

    /// The buffer whose bytes leave when the present handler returns; append to it.
    @inlinable
    public final func beginOutput() -> ByteBuffer {
        self.loop.flushSoon(self)
        if let output = self.output {
            if output.count > Self.turnLimit, self.gathersTurn { self.loop.flushNow(self) }
            return output
        }
        let buffer = self.loop.takeBuffer()
        self.output = buffer
        return buffer
    }

    /// The peer has sent something, or ended, that was not read or not taken.
    public final var hasUnreadInput: Bool { self.mayHaveInput || self.pendingInput != nil }

    /// Bytes that wait to be written.
    public final var unsentBytes: Int {
        (self.output?.count ?? 0) + (self.tls?.wire?.count ?? 0) + (self.pipe?.count ?? 0)
    }

    /// Nothing waits but what ``close()`` sends itself: TLS's last words of a handshake, while the socket
    /// takes them.
    public final var isWritten: Bool {
        self.unsentBytes == 0
            || !self.isWriteBlocked && (self.output?.isEmpty ?? true) && (self.pipe?.count ?? 0) == 0
    }

    @usableFromInline
    final func writeThrough(_ bytes: ByteView, _ tail: ByteView) {
        if self.isClosed || self.isWriteFailed { return }
        if let tls = self.tls { return self.writeThrough(tls, bytes, tail) }
        var written = 0
        let gathered = self.output?.count ?? 0
        if !self.isConnecting, !self.isWriteBlocked {
            switch self.socket.write(self.output?.view ?? .empty, bytes, tail) {
            case .bytes(let count): written = count
            case .wouldBlock: break
            case .failed(let code):
                self.endWriting(code)
                self.untoldError = code
                return self.loop.flushSoon(self)
            }
            if written == gathered + bytes.count + tail.count { return self.dropOutput() }
            self.isWriteBlocked = true
        }
        let output = self.beginOutput()
        output.consume(min(written, gathered))
        written -= min(written, gathered)
        output.append(bytes.dropFirst(min(written, bytes.count)))
        output.append(tail.dropFirst(max(written - bytes.count, 0)))
    }

    public final override func flush() {
        if self.isClosed || self.isConnecting || self.isWriteBlocked { return }
        if self.isWriteFailed {
            self.dropOutput()
            let code = self.untoldError
            self.untoldError = 0
            return code == 0 ? () : self.failed(code, whileWriting: true)
        }
        if self.pipe != nil, !self.flushPipe() { return }
        if let tls = self.tls { return self.flush(through: tls) }
        if self.fillsOutput { self.fill() }
        while !self.isClosed, let output = self.output, !output.isEmpty {
            switch self.socket.write(output.view) {
            case .bytes(let count):
                output.consume(count)
                if !output.isEmpty {
                    self.isWriteBlocked = true
                    self.outputProgressed()
                }
            case .wouldBlock:
                self.isWriteBlocked = true
            case .failed(let code):
                self.endWriting(code)
                return self.failed(code, whileWriting: true)
            }
            if self.isWriteBlocked { return }
            if self.fillsOutput { self.fill() }
        }
        if !self.isClosed { self.outputWritten() }
    }

    /// Everything is written: does what waited for that.
    final func outputWritten() {
        self.dropOutput()
        if self.isShutdownDue {
            self.isShutdownDue = false
            self.socket.shutdownOutput()
        }
        if self.isDrainAwaited {
            self.isDrainAwaited = false
            self.outputDrained()
        }
    }

    final func fill() {
        let output = self.output ?? self.loop.takeBuffer()
        self.output = output
        self.fillOutput(output)
    }

    /// Has what waits written once the present handler returns.
    public final func flushSoon() { self.loop.flushSoon(self) }

    final func endWriting(_ code: Int32) {
        self.isWriteFailed = true
        if code == ECONNRESET { self.isReset = true }
        self.dropOutput()
    }

    final func dropOutput() {
        guard let output = self.output else { return }
        self.output = nil
        self.loop.giveBack(output)
    }

    /// The bytes that wait, for another stream to send; nothing waits here any more.
    public final func takeUnsent() -> ByteBuffer? {
        let unsent = self.output
        self.output = nil
        return unsent
    }

    /// Sends `buffer`'s bytes after whatever waits, and owns it.
    public final func sendUnsent(_ buffer: ByteBuffer) {
        self.beginOutput().append(buffer.view)
        self.loop.giveBack(buffer)
    }

    // MARK: Closing

    /// Has ``outputDrained()`` called once everything is written, at the earliest when the present handler
    /// returns.
    public final func finishOutput() {
        self.isDrainAwaited = true
        self.loop.flushSoon(self)
    }

    /// Ends our direction once everything is written; ``outputDrained()`` is called then.
    public final func shutdownOutput() {
        self.isShutdownDue = true
        self.finishOutput()
    }

    /// Closes at once; what waits is dropped. May be called again.
    public final func close() { self.close(abortively: false) }

    /// Closes, and the socket is still given what was sent in this turn, as far as it takes that at once.
    public final func closeWritingLast() {
        if !self.isClosed { self.writeLast() }
        self.close()
    }

    /// Closes so that the peer sees a reset.
    public final func abort() { self.close(abortively: true) }

    /// What was gathered in this turn still leaves: the peer sees how far things went before the reset.
    private func writeLast() {
        guard let output = self.output, !self.isConnecting, !self.isWriteBlocked, !self.isWriteFailed else {
            return
        }
        if let tls = self.tls { return self.writeLast(through: tls) }
        _ = self.socket.write(output.view)
    }

    /// Before the descriptor is closed: a child process that is being started has a copy of it for a moment,
    /// and for as long the kernel goes on to tell of it, when the handler may have gone.
    private func leaveLoop() { self.loop.deregister(self.socket.descriptor) }

    private func close(abortively: Bool) {
        if self.isClosed { return }
        self.isClosed = true
        self.endRace()
        self.leaveLoop()
        if abortively {
            self.writeLast()
            self.socket.abort()
        } else {
            // What an earlier event of this turn has left would have been written without a later one's
            // close.
            if self.gathersTurn, self.isFlushDue { self.writeLast() }
            if let tls = self.tls { self.endOutput(of: tls) }
            self.socket.close()
        }
        self.dropOutput()
        self.pipe = nil
        if !self.isDelivering { self.dropInput() }
        self.loop.retire(self)
        self.closed()
    }
}
