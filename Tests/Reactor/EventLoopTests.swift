import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

@Suite(.ownThread) struct EventLoopTests {
    /// Writes down what is asked of it.
    private final class Diary: EventHandler {
        var flushes = 0
        var proceeds = 0
        var onFlush: () -> Void = {}
        var onProceed: () -> Void = {}

        override func flush() {
            self.flushes += 1
            self.onFlush()
        }
        override func proceed() {
            self.proceeds += 1
            self.onProceed()
        }
    }

    @Test("Runs until it is stopped, also from another thread")
    func stop() throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        nonisolated(unsafe) let sameLoop = loop
        Thread.detachNewThread { mailbox.send { sameLoop.stop() } }
        loop.run()
    }

    @Test("A flush asked for twice in a handler comes once, and one asked for in a flush comes too")
    func flush() throws {
        let loop = try EventLoop()
        let (first, second) = (Diary(), Diary())
        first.onFlush = { loop.flushSoon(second) }
        nonisolated(unsafe) let box = (loop, first)
        loop.mailbox.send {
            box.0.flushSoon(box.1)
            box.0.flushSoon(box.1)
        }
        loop.turn(wait: true)
        #expect((first.flushes, second.flushes) == (1, 1))
        loop.turn(wait: false)
        #expect((first.flushes, second.flushes) == (1, 1))
    }

    @Test("One that gathers is flushed once, behind all events of the turn; with enough, at once")
    func gather() throws {
        let (gatherer, other) = (Diary(), Diary())
        nonisolated(unsafe) var seen: [Int] = []
        final class Reader: EventHandler {
            var onReady: () -> Void = {}
            override func ready(_ events: ReadyEvents) { self.onReady() }
        }
        let (loop, reader) = (try EventLoop(), Reader())
        gatherer.gathersTurn = true
        nonisolated(unsafe) let box = (loop, gatherer, other)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }

        // Two events of one turn: the mailbox's, and behind it the pipe's.
        reader.onReady = { seen.append(gatherer.flushes) }
        other.onFlush = { box.0.flushSoon(box.1) }
        loop.mailbox.send {
            box.0.flushSoon(box.1)
            box.0.flushSoon(box.2)
        }
        try loop.register(ends[0], reader)
        #expect(write(ends[1], "x", 1) == 1)
        loop.turn(wait: true)
        #expect(seen == [0])
        #expect((gatherer.flushes, other.flushes) == (1, 1))

        other.onFlush = { seen.append(gatherer.flushes) }
        loop.mailbox.send {
            box.0.flushSoon(box.1)
            box.0.flushNow(box.1)
            box.0.flushNow(box.1)
            box.0.flushSoon(box.2)
        }
        loop.turn(wait: true)
        // Before the other, although it would come behind all.
        #expect(seen == [0, 2])
        loop.turn(wait: false)
        #expect(gatherer.flushes == 2)
        loop.deregister(ends[0])
    }

    @Test("What is put off runs without waiting for an event; what it puts off runs in the next turn")
    func proceed() throws {
        let loop = try EventLoop()
        let diary = Diary()
        diary.onProceed = { if diary.proceeds < 3 { loop.proceedSoon(diary) } }
        loop.proceedSoon(diary)
        loop.proceedSoon(diary)
        for turn in 1...3 {
            loop.turn(wait: true)
            #expect(diary.proceeds == turn)
        }
        loop.turn(wait: false)
        #expect(diary.proceeds == 3)
    }

    @Test("A timer wakes a loop that waits")
    func timer() throws {
        final class Owner: EventHandler {
            var hasFired = false
            override func timerFired(_ timer: DeadlineTimer) { self.hasFired = true }
        }
        let loop = try EventLoop()
        let owner = Owner()
        loop.timers.set(DeadlineTimer(owner: owner), at: loop.now.advanced(byNanoseconds: 20_000_000))
        while !owner.hasFired { loop.turn(wait: true) }
    }

    @Test("What is retired lives until the turn is over")
    func retire() throws {
        final class Witness {
            let gone: () -> Void
            init(_ gone: @escaping () -> Void) { self.gone = gone }
            deinit { self.gone() }
        }
        let loop = try EventLoop()
        var isGone = false
        let diary = Diary()
        diary.onProceed = {
            loop.retire(Witness { isGone = true })
            #expect(!isGone)
        }
        loop.proceedSoon(diary)
        loop.turn(wait: false)
        #expect(isGone)
    }

    @Test("A buffer given back is taken again, empty; a large one is not kept")
    func buffers() throws {
        let loop = try EventLoop()
        let buffer = loop.takeBuffer()
        buffer.append("some text")
        loop.giveBack(buffer)
        #expect(loop.takeBuffer() === buffer)
        #expect(buffer.isEmpty)
        let large = ByteBuffer(capacity: EventLoop.scratchCapacity + 1)
        loop.giveBack(large)
        #expect(loop.takeBuffer() !== large)
    }

    @Test("Letters of many threads all arrive, those of each in its order, on the loop's thread")
    func mailbox() throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        let arrived = Lock<[(thread: Int, number: Int)]>([])
        let home = pthread_self()
        let isElsewhere = Lock(false)
        for thread in 0..<4 {
            Thread.detachNewThread {
                for number in 0..<500 {
                    mailbox.send {
                        if pthread_self() != home { isElsewhere.withLock { $0 = true } }
                        arrived.withLock { $0.append((thread, number)) }
                    }
                }
            }
        }
        while arrived.withLock({ $0.count }) < 2_000 { loop.turn(wait: true) }
        #expect(!isElsewhere.withLock { $0 })
        for thread in 0..<4 {
            #expect(
                arrived.withLock { $0.filter { $0.thread == thread }.map(\.number) } == Array(0..<500))
        }
    }

    @Test("A letter sent by a letter arrives as well")
    func letterFromLetter() throws {
        let loop = try EventLoop()
        let mailbox = loop.mailbox
        let count = Lock(0)
        mailbox.send { mailbox.send { count.withLock { $0 += 1 } } }
        while count.withLock({ $0 }) == 0 { loop.turn(wait: true) }
    }
}
