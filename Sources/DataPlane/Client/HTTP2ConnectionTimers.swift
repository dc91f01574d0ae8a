internal import Primitives
internal import Reactor

/// The timers of an HTTP/2 connection: of its state, of the client's signs of life, of a head that has
/// begun, and of a client that does not read.
final class HTTP2ConnectionTimers: EventHandler {
    // SAFETY: the connection owns its timers, and removes them before it goes.
    unowned(unsafe) var connection: HTTP2Connection?
    private let loop: EventLoop
    private let state = DeadlineTimer()
    // Made when they are first needed.
    private var sign: DeadlineTimer?
    private var head: DeadlineTimer?
    private var reading: DeadlineTimer?
    /// A PING is on its way.
    private(set) var isSignAsked = false
    /// A head must end.
    private(set) var isHeadDue = false

    init(_ loop: EventLoop) {
        self.loop = loop
        super.init()
        self.state.owner = self
    }

    func setState(_ nanoseconds: UInt64) {
        self.loop.timers.set(self.state, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    func cancelState() { self.loop.timers.cancel(self.state) }

    func setSign(_ nanoseconds: UInt64) {
        let timer = self.sign ?? DeadlineTimer(owner: self)
        self.sign = timer
        self.isSignAsked = false
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    func askedSign(_ timeout: UInt64) {
        self.setSign(timeout)
        self.isSignAsked = true
    }

    /// - Parameter nanoseconds: nil: the head has come to its end.
    func setHead(_ nanoseconds: UInt64?) {
        self.isHeadDue = nanoseconds != nil
        let timer = self.head ?? DeadlineTimer(owner: self)
        self.head = timer
        guard let nanoseconds else { return self.loop.timers.cancel(timer) }
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    /// - Parameter nanoseconds: For the client to read something; nil: it has read enough.
    func setReading(_ nanoseconds: UInt64?) {
        let timer = self.reading ?? DeadlineTimer(owner: self)
        self.reading = timer
        guard let nanoseconds else { return self.loop.timers.cancel(timer) }
        self.loop.timers.set(timer, at: self.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    func remove() {
        self.loop.timers.remove(self.state)
        if let sign = self.sign { self.loop.timers.remove(sign) }
        if let head = self.head { self.loop.timers.remove(head) }
        if let reading = self.reading { self.loop.timers.remove(reading) }
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if timer === self.state {
            self.connection?.stateTimerFired()
        } else if timer === self.sign {
            self.connection?.signTimerFired()
        } else if timer === self.reading {
            self.connection?.connectionFailed()
        } else {
            self.connection?.headTimedOut()
        }
    }
}
