internal import Primitives
internal import Reactor

/// What an exchange keeps to send its request again; made for its first one with a rule that says `retry`.
final class RetryState: EventHandler {
    /// The most of a request's body that is kept, in bytes. A longer one is not sent again.
    static let bodyLimit = 64 * 1024

    // SAFETY: owned by the exchange.
    unowned(unsafe) let exchange: Exchange
    private let timer = DeadlineTimer()
    /// What of the body has been sent; nil while there is none.
    private(set) var body: ByteBuffer?
    /// The trailers, too, have been sent.
    var hasSentTrailers = false
    /// The request may still be sent again.
    private(set) var isPossible = false
    /// An attempt has been given up, and the next one is due when the timer fires.
    private(set) var isWaiting = false
    /// The endpoint of the last attempt; nil before the first.
    private(set) var slot: Int?
    /// Attempts that are over.
    private(set) var failures = 0

    init(_ exchange: Exchange) {
        self.exchange = exchange
        super.init()
        self.timer.owner = self
    }

    func begin() {
        self.isPossible = true
        self.hasSentTrailers = false
        self.failures = 0
        self.slot = nil
    }

    /// Nothing more is to be sent again.
    func end() {
        guard self.isPossible else { return }
        self.isPossible = false
        self.isWaiting = false
        self.stopTimer()
        if let body = self.body { self.exchange.loop.giveBack(body) }
        self.body = nil
    }

    /// Keeps a part of the body that is being sent.
    func keep(_ bytes: ByteView) {
        guard self.isPossible, !bytes.isEmpty else { return }
        let body = self.body ?? self.exchange.loop.takeBuffer()
        self.body = body
        guard body.count + bytes.count <= Self.bodyLimit else { return self.end() }
        body.append(bytes)
    }

    /// Begins the time of an attempt.
    func attemptBegan(at slot: Int, limit nanoseconds: UInt64) {
        self.slot = slot
        if self.isPossible, nanoseconds > 0 { self.setTimer(nanoseconds) }
    }

    func stopTimer() { self.exchange.loop.timers.cancel(self.timer) }

    /// Waits before the next attempt: at random up to 25 ms, twice as long each time, at most 250 ms, so that
    /// clients of a service that has stumbled do not all come back at once.
    func waitForNext() {
        let limit = min(UInt64(25_000_000) << UInt64(min(self.failures, 8)), 250_000_000)
        self.failures += 1
        self.isWaiting = true
        self.setTimer(self.exchange.home.random.next() % limit)
    }

    private func setTimer(_ nanoseconds: UInt64) {
        let loop = self.exchange.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if self.isWaiting {
            self.isWaiting = false
            self.exchange.sendAgain()
        } else {
            self.exchange.attemptTimedOut()
        }
    }
}
