import Adapting
import CPosternABI
import Primitives
import Telemetry
import Testing

@testable import Mixer

@Suite struct HandlerDeliveryTests {
    typealias Batch = FakeHandler.Batch

    @Test("A full batch goes at once, the rest when the interval is over, in order")
    func batches() {
        let rig = DeliveryRig()
        rig.enqueue(0..<25)
        rig.turn()
        #expect(rig.handler.batches == [Batch(numbers: Array(0..<10)), Batch(numbers: Array(10..<20))])
        rig.advance(.milliseconds(99))
        rig.turn()
        #expect(rig.handler.batches.count == 2)
        rig.advance(.milliseconds(1))
        rig.turn()
        #expect(rig.handler.batches.last == Batch(numbers: Array(20..<25)))
        #expect(rig.registry.read(DeliveryMetrics.deliveredName, ["fake"])?.value == 25)
        #expect(rig.gauge("postern_mixer_queue_records") == 0)
    }

    @Test("A handler that takes no records ends without having been given any")
    func withoutReports() {
        let rig = DeliveryRig(FakeHandler("denier", [.checknothing, .quota]))
        rig.handler.reply([], then: .fail("the adapter does not implement report"))
        rig.advance(.seconds(2))
        rig.turn()
        #expect(rig.handler.ticks == 1)
        rig.delivery.close(by: rig.now.advanced(by: .seconds(1)))
        rig.turn()
        #expect(rig.handler.batches.isEmpty)
        #expect(rig.delivery.isClosed)
        #expect(rig.delivery.status().lastProblem.isEmpty)
        #expect(rig.registry.read("postern_mixer_reports_failed_total", ["denier"])?.value == 0)
    }

    @Test("A batch that failed comes again, the same, after pauses that grow up to the limit")
    func backoff() throws {
        let rig = DeliveryRig {
            $0.retryInitial = .milliseconds(100)
            $0.retryLimit = .milliseconds(400)
        }
        rig.handler.reply(Array(repeating: .fail("down"), count: 5))
        rig.enqueue(0..<12)
        rig.turn()
        #expect(rig.handler.batches == [Batch(numbers: Array(0..<10))])
        for (attempt, most) in [100, 200, 400, 400].enumerated() {
            rig.advance(.milliseconds(most / 2 - 1))
            rig.turn()
            #expect(rig.handler.batches.count == attempt + 1)
            rig.advance(.milliseconds(most / 2 + 1))
            rig.turn()
            try #require(rig.handler.batches.count == attempt + 2)
            #expect(
                rig.handler.batches[attempt + 1]
                    == Batch(numbers: Array(0..<10), attempt: UInt32(attempt + 1)))
        }
        #expect(rig.delivery.status().lastProblem == "down")
        #expect(rig.delivery.status().health != .healthy)
        rig.advance(.milliseconds(400))
        rig.turn()
        rig.advance(.milliseconds(100))
        rig.turn()
        #expect(rig.delivery.status().health == .healthy)
        #expect(rig.handler.delivered == Array(0..<12))
        #expect(rig.registry.read(DeliveryMetrics.failedName, ["fake"])?.value == 5)
        #expect(LossReason.allCases.allSatisfy { rig.lost($0) == 0 })
    }

    @Test("Records wanted again come first in the next batch, refused ones are counted and do not come again")
    func outcomes() {
        let rig = DeliveryRig { $0.retryInitial = .milliseconds(100) }
        rig.handler.reply([
            .mixed {
                switch $0 {
                case 2, 5: postern_outcome(POSTERN_OUTCOME_AGAIN)
                case 3, 4, 9: postern_outcome(POSTERN_OUTCOME_REFUSED)
                default: nil
                }
            }
        ])
        rig.enqueue(0..<12)
        rig.turn()
        #expect(rig.handler.delivered == [0, 1, 6, 7, 8])
        #expect(rig.lost(.refused) == 3)
        rig.advance(.milliseconds(100))
        rig.turn()
        #expect(rig.handler.batches.last == Batch(numbers: [2, 5, 10, 11], attempt: 1))
        #expect(rig.handler.delivered == [0, 1, 6, 7, 8, 2, 5, 10, 11])
        #expect(rig.delivery.status().delivered == 9)
    }

    @Test("Memory stays below its limit while a handler fails; what does not fit is counted")
    func bounded() {
        let rig = DeliveryRig {
            $0.queueLimit = .kibibytes(256)
            $0.batchRecords = 100
        }
        rig.handler.reply([], then: .fail("down"))
        let text = String(repeating: "x", count: 1000)
        var most: UInt64 = 0
        for round in 0..<20 {
            rig.enqueue(round * 50..<round * 50 + 50, text: text)
            rig.turn()
            most = max(most, rig.gauge("postern_mixer_queue_bytes"))
        }
        #expect(most <= 256 * 1024)
        #expect(most > 200 * 1024)
        let waiting = rig.gauge("postern_mixer_queue_records")
        #expect(waiting > 150)
        #expect(rig.lost(.queueFull) == 1000 - waiting)
        rig.handler.reply([])
        rig.advance(.seconds(60))
        rig.turn()
        rig.advance(.seconds(1))
        rig.turn()
        #expect(rig.handler.delivered.count == Int(waiting))
        #expect(rig.handler.delivered == rig.handler.delivered.sorted())
        #expect(rig.gauge("postern_mixer_queue_records") == 0)
    }

    @Test("A handler without records is called within each second")
    func ticks() throws {
        let rig = DeliveryRig()
        for second in 1...5 {
            let next = try #require(rig.delivery.turn())
            #expect(next.since(rig.now) < 1_000_000_000)
            rig.advance(.nanoseconds(Int64(next.since(rig.now))))
            rig.turn()
            #expect(rig.handler.ticks == second)
        }
    }

    @Test("A handler with records all the time, or that fails, is called by `tick` as often")
    func ticksUnderLoad() {
        for reply in [FakeHandler.Reply.take, .fail("down")] {
            let rig = DeliveryRig { $0.retryLimit = .milliseconds(500) }
            rig.handler.reply([], then: reply)
            for _ in 1...50 {
                rig.enqueue(0..<10)
                rig.turn()
                rig.advance(.milliseconds(100))
            }
            #expect(rig.handler.ticks == 5)
        }
    }

    @Test("A reopening happens in the next turn, once")
    func reopens() {
        let rig = DeliveryRig()
        rig.delivery.reopen()
        rig.turn()
        rig.turn()
        #expect(rig.handler.reopens == 1)
    }

    @Test("A backend that wants to be left alone is, up to five minutes")
    func rests() {
        for (wish, rest) in [(30, 30), (3600, 300)] as [(UInt64, Int64)] {
            let rig = DeliveryRig()
            rig.handler.reply([.fail("429", restNanoseconds: wish * 1_000_000_000)])
            rig.enqueue(0..<10)
            rig.turn()
            rig.advance(.seconds(rest - 1))
            rig.turn()
            #expect(rig.handler.batches.count == 1)
            rig.advance(.seconds(1))
            rig.turn()
            #expect(rig.handler.delivered == Array(0..<10))
        }
    }

    @Test("The last batch says that it is the last, and is given even when it is empty")
    func last() {
        for count in [0, 3, 10, 25] {
            let rig = DeliveryRig()
            rig.enqueue(0..<count)
            rig.delivery.close(by: rig.now.advanced(by: .seconds(5)))
            rig.turn()
            #expect(rig.delivery.isClosed)
            #expect(rig.handler.delivered.count == count)
            #expect(
                rig.handler.batches.map(\.isLast)
                    == rig.handler.batches.indices.map { $0 == (count - 1) / 10 })
        }
    }

    @Test("What a failing handler has not taken when its time is over is lost and counted")
    func shutdown() {
        let rig = DeliveryRig { $0.retryLimit = .seconds(1) }
        rig.handler.reply([], then: .fail("down"))
        rig.enqueue(0..<25)
        rig.turn()
        rig.delivery.close(by: rig.now.advanced(by: .seconds(5)))
        for _ in 0..<6 {
            rig.turn()
            rig.advance(.seconds(1))
        }
        rig.turn()
        #expect(rig.delivery.isClosed)
        #expect(rig.handler.batches.count > 3)
        #expect(rig.lost(.shutdown) == 25)
        rig.enqueue(0..<3)
        #expect(rig.lost(.shutdown) == 28)
    }

    @Test("Equal shapes of several configurations are one to the handler, different ones are told apart")
    func shapes() {
        let rig = DeliveryRig()
        func shape(_ name: String) -> RecordShape {
            RecordShape(.logentry, name: name, columns: DeliveryRig.shape.columns)
        }
        let ring = rig.makeRing()
        for name in ["a", "b", "a"] {
            let target = rig.register(shape(name))
            ring.append(target, number: 1)
        }
        rig.pipeline.flush()
        rig.advance(.seconds(1))
        rig.turn()
        rig.turn()
        rig.advance(.seconds(1))
        rig.turn()
        #expect(rig.handler.delivered.count == 3)
        #expect(rig.handler.shapes.count == 2)
    }

    @Test("The age of the oldest record that waits is shown")
    func lag() {
        let rig = DeliveryRig()
        rig.handler.reply([], then: .fail("down"))
        let ring = rig.makeRing()
        let now = WallTime.now().nanosecondsSinceEpoch
        ring.append(rig.register(), number: 1, time: now - 90_000_000_000)
        rig.pipeline.flush()
        rig.delivery.showLag(now: now)
        #expect(rig.gauge("postern_mixer_lag_seconds") == 90_000)
        #expect(rig.delivery.status().lag >= .seconds(90))
        rig.advance(.seconds(1))
        rig.turn()
        rig.delivery.showLag(now: now)
        #expect(rig.gauge("postern_mixer_lag_seconds") == 90_000)
    }
}
