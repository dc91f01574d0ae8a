internal import Primitives

/// Calls a function again and again, on the loop's thread.
public final class RepeatingTimer: EventHandler {
    private let loop: EventLoop
    private let interval: Duration
    private let body: () -> Void
    private lazy var timer = DeadlineTimer(owner: self)

    /// - Parameter interval: Until the first call, and between the end of one and the next.
    public init(_ loop: EventLoop, every interval: Duration, _ body: @escaping () -> Void) {
        self.loop = loop
        self.interval = interval
        self.body = body
        super.init()
        self.start()
    }

    /// No further call.
    public func stop() { self.loop.timers.remove(self.timer) }

    public override func timerFired(_ timer: DeadlineTimer) {
        self.start()
        self.body()
    }

    private func start() {
        self.loop.timers.set(self.timer, at: self.loop.now.advanced(by: self.interval))
    }
}
