import Reactor
import Testing

@Suite struct RepeatingTimerTests {
    @Test("It calls again and again, until it is stopped")
    func repeats() throws {
        let loop = try EventLoop()
        var calls = 0
        var timer: RepeatingTimer?
        timer = RepeatingTimer(loop, every: .milliseconds(1)) {
            calls += 1
            guard calls == 3 else { return }
            timer?.stop()
            // A fourth call would come before this one.
            let end = RepeatingTimer(loop, every: .milliseconds(50)) { loop.stop() }
            withExtendedLifetime(end) { loop.run() }
            loop.stop()
        }
        loop.run()
        #expect(calls == 3)
    }
}
