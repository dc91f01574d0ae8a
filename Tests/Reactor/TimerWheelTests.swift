import Primitives
import Reactor
import Testing

@Suite struct TimerWheelTests {
    /// Counts what fires, and does something then.
    private final class Owner: EventHandler {
        var fired = 0
        var action: () -> Void = {}

        override func timerFired(_ timer: DeadlineTimer) {
            self.fired += 1
            self.action()
        }
    }

    private let start = MonotonicTime(nanoseconds: 1_000_000_000_123)
    private let wheel: TimerWheel
    private let owner = Owner()
    private let timer: DeadlineTimer
    private static let tick: UInt64 = 1 << 23

    init() {
        self.wheel = TimerWheel(now: self.start)
        self.timer = DeadlineTimer(owner: self.owner)
    }

    private func after(_ nanoseconds: UInt64) -> MonotonicTime {
        self.start.advanced(byNanoseconds: nanoseconds)
    }

    @Test("Fires once, never before its deadline and at most a tick after")
    func fires() {
        for delay in [0, 1, Self.tick - 1, Self.tick, 5 * Self.tick + 7, 100_000_000] {
            let wheel = TimerWheel(now: self.start)
            let owner = Owner()
            let timer = DeadlineTimer(owner: owner)
            wheel.set(timer, at: self.after(delay))
            if delay > 0 { wheel.advance(to: self.after(delay - 1)) }
            #expect(owner.fired == 0, "\(delay) ns")
            wheel.advance(to: self.after(delay + Self.tick))
            wheel.advance(to: self.after(delay + 9 * Self.tick))
            #expect(owner.fired == 1, "\(delay) ns")
            #expect(!timer.isSet)
        }
    }

    @Test("A deadline many turns of the wheel away is kept until then")
    func farAway() {
        let hour: UInt64 = 3_600_000_000_000
        self.wheel.set(self.timer, at: self.after(hour))
        for minute in 1..<60 { self.wheel.advance(to: self.after(UInt64(minute) * 60_000_000_000)) }
        self.wheel.advance(to: self.after(hour - Self.tick))
        #expect(self.owner.fired == 0)
        self.wheel.advance(to: self.after(hour + Self.tick))
        #expect(self.owner.fired == 1)
    }

    @Test("A deadline at the end of time never comes, and does no harm")
    func endOfTime() {
        self.wheel.set(self.timer, at: MonotonicTime(nanoseconds: .max - 1))
        self.wheel.advance(to: self.after(1 << 40))
        #expect(self.owner.fired == 0)
        #expect(self.timer.isSet)
    }

    @Test("Cancelled, it does not fire, and can be set again")
    func cancel() {
        self.wheel.set(self.timer, at: self.after(Self.tick))
        self.wheel.cancel(self.timer)
        self.wheel.advance(to: self.after(3 * Self.tick))
        #expect(self.owner.fired == 0)
        self.wheel.set(self.timer, at: self.after(5 * Self.tick))
        self.wheel.advance(to: self.after(7 * Self.tick))
        #expect(self.owner.fired == 1)
    }

    @Test(
        "Set again, the last deadline counts, be it later or earlier", arguments: [(2, 50), (50, 2), (9, 9)])
    func setAgain(first: UInt64, second: UInt64) {
        self.wheel.set(self.timer, at: self.after(first * Self.tick))
        self.wheel.set(self.timer, at: self.after(second * Self.tick))
        self.wheel.advance(to: self.after((second - 1) * Self.tick))
        #expect(self.owner.fired == 0)
        self.wheel.advance(to: self.after((second + 1) * Self.tick))
        self.wheel.advance(to: self.after(100 * Self.tick))
        #expect(self.owner.fired == 1)
    }

    @Test("A timer may cancel, remove and set others that are due with it")
    func reentrant() {
        let others = (0..<3).map { _ in Owner() }
        let timers = others.map { DeadlineTimer(owner: $0) }
        for timer in [self.timer] + timers { self.wheel.set(timer, at: self.after(Self.tick)) }
        // Whoever is first takes the next one out.
        for (owner, next) in zip(others, [1, 2, 0]) {
            owner.action = { next == 0 ? self.wheel.remove(timers[next]) : self.wheel.cancel(timers[next]) }
        }
        self.owner.action = {
            if self.owner.fired < 3 { self.wheel.set(self.timer, at: self.after(10 * Self.tick)) }
        }
        self.wheel.advance(to: self.after(3 * Self.tick))
        #expect(self.owner.fired == 1)
        #expect((1...2).contains(others.reduce(0) { $0 + $1.fired }))
        self.wheel.advance(to: self.after(12 * Self.tick))
        #expect(self.owner.fired == 2)
    }

    @Test("After a long sleep everything due fires, and nothing else")
    func longSleep() {
        let owners = (0..<200).map { _ in Owner() }
        let timers = owners.map { DeadlineTimer(owner: $0) }
        for (number, timer) in timers.enumerated() {
            self.wheel.set(timer, at: self.after(UInt64(number) * 1_000_000_000))
        }
        self.wheel.advance(to: self.after(100_500_000_000))
        #expect(owners.map(\.fired) == (0..<200).map { $0 <= 100 ? 1 : 0 })
    }

    @Test("Says how long nothing is due")
    func wait() {
        #expect(self.wheel.wait(from: self.start) == nil)
        for delay in [3 * Self.tick, 70 * Self.tick, 4_000 * Self.tick] {
            self.wheel.set(self.timer, at: self.after(delay))
            let wait = self.wheel.wait(from: self.start) ?? 0
            #expect((delay...delay + Self.tick).contains(wait), "\(delay)")
            self.wheel.remove(self.timer)
        }
        #expect(self.wheel.wait(from: self.start) == nil)
        self.wheel.set(self.timer, at: self.start)
        #expect((self.wheel.wait(from: self.start) ?? .max) <= Self.tick)
    }

    @Test("Agrees with a list of deadlines through ten thousand random steps", arguments: [1, 2, 3])
    func random(seed: UInt64) {
        var random = RandomSource(seed: (seed, 2, 3, 4))
        let owners = (0..<50).map { _ in Owner() }
        let timers = owners.map { DeadlineTimer(owner: $0) }
        var deadlines = [UInt64?](repeating: nil, count: 50)
        var now = self.start.nanoseconds
        for _ in 0..<10_000 {
            let which = Int.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let delay = UInt64.random(
                    in: 0..<(1 << UInt64.random(in: 20..<37, using: &random)), using: &random)
                deadlines[which] = now + delay
                self.wheel.set(timers[which], at: MonotonicTime(nanoseconds: now + delay))
            case 4:
                deadlines[which] = nil
                self.wheel.cancel(timers[which])
            case 5:
                deadlines[which] = nil
                self.wheel.remove(timers[which])
            default:
                now += UInt64.random(
                    in: 0..<(1 << UInt64.random(in: 20..<36, using: &random)), using: &random)
                self.wheel.advance(to: MonotonicTime(nanoseconds: now))
                for index in 0..<50 {
                    let due = deadlines[index].map { $0 + Self.tick <= now } ?? false
                    let early = deadlines[index].map { $0 > now } ?? true
                    if due { #expect(owners[index].fired == 1) }
                    if early { #expect(owners[index].fired == 0) }
                    if owners[index].fired > 0 { deadlines[index] = nil }
                    owners[index].fired = 0
                }
            }
        }
    }
}
