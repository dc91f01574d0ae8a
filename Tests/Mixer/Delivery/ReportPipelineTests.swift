import Adapting
import Primitives
import Synchronization
import Telemetry
import Testing

@testable import Mixer

@Suite struct ReportPipelineTests {
    @Test("Records go from a ring to every handler of their target, with their values")
    func fanOut() {
        let rig = DeliveryRig()
        let other = FakeHandler("other")
        let second = rig.pipeline.makeDelivery(other, rig.delivery.options)
        let both = rig.pipeline.register(DeliveryRig.shape, [rig.delivery, second])
        let one = rig.pipeline.register(DeliveryRig.shape, [second])
        let ring = rig.makeRing()
        #expect(ring.append(both, number: 1, text: "one"))
        #expect(ring.append(one, number: 2, text: ""))
        #expect(ring.append(both, number: -3, text: "drei"))
        rig.pipeline.flush()
        for delivery in [rig.delivery, second] {
            delivery.close(by: rig.now)
            _ = delivery.turn()
        }
        #expect(rig.handler.delivered == [1, -3])
        #expect(rig.handler.texts == ["one", "drei"])
        #expect(other.delivered == [1, 2, -3])
    }

    @Test("A full ring drops, and counts for each handler in the worker's cells")
    func fullRing() {
        let rig = DeliveryRig(ring: .kibibytes(512))
        let other = rig.pipeline.makeDelivery(FakeHandler("other"), rig.delivery.options)
        let target = rig.pipeline.register(DeliveryRig.shape, [rig.delivery, other])
        let ring = rig.makeRing()
        let text = String(repeating: "x", count: 10_000)
        var dropped: UInt64 = 0
        for number in 0..<100 where !ring.append(target, number: Int64(number), text: text) { dropped += 1 }
        #expect(dropped > 40)
        #expect(rig.lost(.ringFull) == dropped)
        #expect(rig.registry.read(DeliveryMetrics.lostName, ["other", "ring_full"])?.value == dropped)
        rig.pipeline.flush()
        #expect(ring.append(target, number: 100, text: text))
    }

    @Test("A ring holds 90 ms of 20,000 records a second of 1 KiB, four times what comes between two drains")
    func ringSize() {
        let rig = DeliveryRig()
        let target = rig.register()
        let ring = rig.makeRing()
        let text = String(repeating: "x", count: 1024 - 14)
        for number in 0..<1800 { #expect(ring.append(target, number: Int64(number), text: text)) }
        rig.pipeline.flush()
        #expect(rig.gauge("postern_mixer_queue_records") == 1800)
    }

    @Test("A record that is too long is dropped and counted, and the next one is whole")
    func tooLong() {
        let rig = DeliveryRig()
        let target = rig.register()
        let ring = rig.makeRing()
        #expect(!ring.append(target, number: 1, text: String(repeating: "x", count: ReportRing.recordLimit)))
        #expect(ring.append(target, number: 2, text: "whole"))
        rig.pipeline.flush()
        #expect(rig.lost(.tooLarge) == 1)
        rig.advance(.seconds(1))
        rig.turn()
        rig.advance(.seconds(1))
        rig.turn()
        #expect(rig.handler.texts == ["whole"])
    }

    @Test("What was appended before a target was let go still arrives")
    func retired() {
        let rig = DeliveryRig()
        let ring = rig.makeRing()
        var target: ReportTarget? = rig.register()
        for number in 0..<10 {
            if let target { ring.append(target, number: Int64(number)) }
        }
        target = nil
        #expect(rig.pipeline.targetCount == 1)
        rig.pipeline.flush()
        #expect(rig.pipeline.targetCount == 0)
        rig.turn()
        #expect(rig.handler.delivered == Array(0..<10))
    }

    @Test(
        "With threads, everything arrives once and in order for each worker, and a stop delivers what is left"
    )
    func threads() throws {
        let registry = MetricRegistry()
        let pipeline = ReportPipeline(registry, log: Log(level: .critical, descriptor: -1))
        let handler = FakeHandler()
        var options = DeliveryOptions()
        options.batchRecords = 64
        options.batchInterval = .milliseconds(5)
        let delivery = pipeline.makeDelivery(handler, options)
        let count = 20_000
        let target = pipeline.register(DeliveryRig.shape, [delivery])
        pipeline.start()
        delivery.start()
        let dropped = Atomic<Int>(0)
        onThreads(3) { worker in
            let ring = pipeline.makeRing(worker: worker, cells: registry.makeCells())
            for number in 0..<count where !ring.append(target, number: Int64(worker * count + number)) {
                dropped.wrappingAdd(1, ordering: .relaxed)
            }
        }
        pipeline.stop()
        let delivered = handler.delivered
        let lost = registry.read(DeliveryMetrics.lostName, ["fake", "ring_full"])?.value ?? 0
        #expect(Int(lost) == dropped.load(ordering: .relaxed))
        #expect(delivered.count + Int(lost) == 3 * count)
        for worker in 0..<3 {
            let own = delivered.filter { $0 / Int64(count) == worker }
            #expect(own == own.sorted())
            #expect(Set(own).count == own.count)
        }
        #expect(handler.batches.last?.isLast == true)
        #expect(delivery.isClosed)
    }

    @Test("A handler that does not return stops neither the rings nor another handler")
    func stuck() {
        let registry = MetricRegistry()
        let pipeline = ReportPipeline(registry, log: Log(level: .critical, descriptor: -1))
        let gate = Gate()
        let stuck = FakeHandler("stuck", gate: { gate.wait() })
        let well = FakeHandler("well")
        var options = DeliveryOptions()
        options.batchInterval = .zero
        var small = options
        small.queueLimit = .kibibytes(64)
        let deliveries = [pipeline.makeDelivery(stuck, small), pipeline.makeDelivery(well, options)]
        let target = pipeline.register(DeliveryRig.shape, deliveries)
        let ring = pipeline.makeRing(worker: 0, cells: registry.makeCells())
        pipeline.start()
        for delivery in deliveries { delivery.start() }
        let text = String(repeating: "x", count: 1000)
        for number in 0..<5000 {
            #expect(ring.append(target, number: Int64(number), text: text))
            if number % 20 == 0 {
                #expect(eventually { well.delivered.count >= number - 20 })
            }
        }
        #expect(eventually { well.delivered.count == 5000 })
        #expect(registry.read(DeliveryMetrics.lostName, ["stuck", "queue_full"])?.value ?? 0 > 4000)
        gate.open()
        pipeline.stop()
        let lost = registry.read(DeliveryMetrics.lostName, ["stuck", "queue_full"])?.value ?? 0
        #expect(stuck.delivered.count + Int(lost) == 5000)
    }
}
