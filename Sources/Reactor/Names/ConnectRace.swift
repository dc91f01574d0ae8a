internal import Primitives

/// The further addresses of a connect whose first one takes its time, or fails (RFC 8305, 5).
///
///     first address ──250 ms, or it fails──► second ──250 ms, or it fails──► third …
///     the first that takes the connection has won, and the others are closed
///
/// Belongs to a ``SocketStream`` that is connecting and has the first address's socket itself.
final class ConnectRace: EventHandler {
    /// Nanoseconds before the next address is tried beside those that have not answered.
    static let delay: UInt64 = 250_000_000

    // SAFETY: the stream owns the race, and calls `cancel` before it lets go of it.
    private unowned(unsafe) let stream: SocketStream
    private var rest: ArraySlice<SocketAddress>
    private var attempts: ContiguousArray<ConnectAttempt> = []
    /// Whether the stream's own socket may still connect.
    private var isFirstAlive = true
    private var lastError: Int32 = 0
    private let timer = DeadlineTimer()

    init(_ stream: SocketStream, _ others: ArraySlice<SocketAddress>) {
        self.stream = stream
        self.rest = others
        super.init()
        self.timer.owner = self
        self.setTimer()
    }

    /// Closes every socket but the stream's own.
    func cancel() {
        self.stream.loop.timers.remove(self.timer)
        for attempt in self.attempts { attempt.end(isWon: false) }
        self.attempts = []
        self.rest = []
    }

    /// The stream's own socket has failed.
    ///
    /// - Returns: Whether there are other chances; else the stream has failed.
    func goesOn(afterFirst code: Int32) -> Bool {
        self.isFirstAlive = false
        self.lastError = code
        self.startNext()
        return !self.attempts.isEmpty
    }

    override func timerFired(_ timer: DeadlineTimer) { self.startNext() }

    /// Tries addresses until one does not fail at once.
    private func startNext() {
        while let address = self.rest.popFirst() {
            do {
                let attempt = try ConnectAttempt(self, Socket.connect(to: address), self.stream.loop)
                attempt.index = self.attempts.count
                self.attempts.append(attempt)
                return self.setTimer()
            } catch {
                self.lastError = (error as? SocketError)?.code ?? self.lastError
            }
        }
        self.stream.loop.timers.cancel(self.timer)
    }

    private func setTimer() {
        guard !self.rest.isEmpty else { return self.stream.loop.timers.cancel(self.timer) }
        self.stream.loop.timers.set(
            self.timer, at: self.stream.loop.now.advanced(byNanoseconds: Self.delay))
    }

    fileprivate func ended(_ attempt: ConnectAttempt, _ code: Int32) {
        // Nothing else may hold it: an event is delivered without a reference.
        attempt.end(isWon: code == 0)
        self.attempts.remove(at: attempt.index)
        for (index, other) in self.attempts.enumerated() { other.index = index }
        if code == 0 { return self.stream.takeOver(attempt.socket) }
        self.lastError = code
        self.startNext()
        if self.attempts.isEmpty, !self.isFirstAlive {
            self.stream.failed(self.lastError, whileWriting: false)
        }
    }
}

/// A socket that connects beside a stream's own.
private final class ConnectAttempt: EventHandler {
    let socket: Socket
    var index = 0
    private let loop: EventLoop
    private weak var race: ConnectRace?

    /// Owns `socket`.
    init(_ race: ConnectRace, _ socket: Socket, _ loop: EventLoop) throws {
        self.race = race
        self.socket = socket
        self.loop = loop
        super.init()
        do {
            try loop.register(socket.descriptor, self)
        } catch {
            socket.close()
            throw error
        }
    }

    override func ready(_ events: ReadyEvents) {
        guard !events.isDisjoint(with: [.writable, .failure]) else { return }
        self.race?.ended(self, self.socket.connectError)
    }

    /// Closes the socket, or leaves it to whom it goes.
    func end(isWon: Bool) {
        self.loop.retire(self)
        self.race = nil
        self.loop.deregister(self.socket.descriptor)
        if !isWon { self.socket.close() }
    }
}
