import Adapting
import Primitives
import Synchronization
import Testing

@testable import Mixer

/// A handler whose options change, and the one that takes its place.
@Suite struct SuccessionTests {
    private static func spool(_ folder: TemporaryFolder) -> (inout DeliveryOptions) -> Void {
        {
            $0.onFull = .spool
            $0.spoolPath = folder.path
            $0.batchInterval = .zero
            $0.retryInitial = .milliseconds(1)
            $0.retryLimit = .milliseconds(1)
        }
    }

    private func losses(_ rig: DeliveryRig) -> UInt64 {
        LossReason.allCases.reduce(0) { $0 + rig.lost($1) }
    }

    @Test(
        "What waits in the spool and what comes to the old one later is the new one's, in order"
    )
    func handedOver() throws {
        let folder = try TemporaryFolder()
        let rig = DeliveryRig(FakeHandler(), Self.spool(folder))
        rig.handler.reply([], then: .fail("away"))
        rig.enqueue(0..<25)
        rig.turn()
        let handler = FakeHandler()
        let successor = rig.pipeline.makeDelivery(handler, rig.delivery.options, after: rig.delivery)
        // Not in force yet: the old one works on, and the new one has nothing.
        rig.enqueue(25..<30)
        rig.turn()
        #expect(successor.turn() != nil)
        #expect(handler.delivered.isEmpty)
        #expect(rig.delivery.status().queueRecords == 30)

        rig.delivery.handOver(to: successor)
        rig.enqueue(30..<40)
        // The new one has been told nothing yet: it keeps what it gets, and delivers nothing.
        let early = rig.pipeline.register(DeliveryRig.shape, [successor])
        let ring = rig.makeRing(worker: 1)
        for number in 40..<50 { ring.append(early, number: Int64(number)) }
        rig.pipeline.flush()
        _ = successor.turn()
        #expect(handler.delivered.isEmpty)
        #expect(rig.delivery.turn() == nil)
        #expect(rig.handler.batches.last?.isLast == true)
        // Exchanges of the old configuration still report to the old one.
        rig.enqueue(50..<60)
        #expect(
            eventually {
                _ = successor.turn()
                return handler.delivered.count >= 60
            })
        #expect(handler.delivered == (0..<60).map { Int64($0) })
        #expect(self.losses(rig) == 0)
        #expect(successor.status().queueRecords == 0)
    }

    @Test("A successor that does not come into force leaves the old one as it was")
    func abandoned() throws {
        let folder = try TemporaryFolder()
        let rig = DeliveryRig(FakeHandler(), Self.spool(folder))
        rig.enqueue(0..<5)
        let handler = FakeHandler()
        let successor = rig.pipeline.makeDelivery(handler, rig.delivery.options, after: rig.delivery)
        successor.close(by: .now())
        #expect(successor.turn() == nil)
        rig.enqueue(5..<10)
        rig.turn()
        #expect(rig.handler.delivered == (0..<10).map { Int64($0) })
        #expect(handler.delivered.isEmpty)
        #expect(self.losses(rig) == 0)
    }

    @Test("While the old one is in a call, records wait in memory; then they come after those of the spool")
    func busy() throws {
        let folder = try TemporaryFolder()
        let isHeld = Atomic<Bool>(true)
        let isInside = Atomic<Bool>(false)
        let slow = FakeHandler(gate: {
            isInside.store(true, ordering: .releasing)
            _ = eventually { !isHeld.load(ordering: .acquiring) }
        })
        slow.reply([], then: .fail("away"))
        let rig = DeliveryRig(slow, Self.spool(folder))
        rig.enqueue(0..<5)
        rig.delivery.start()
        #expect(eventually { isInside.load(ordering: .acquiring) })
        let handler = FakeHandler()
        let successor = rig.pipeline.makeDelivery(handler, rig.delivery.options, after: rig.delivery)
        successor.start()
        rig.delivery.handOver(to: successor)
        let target = rig.pipeline.register(DeliveryRig.shape, [successor])
        let ring = rig.makeRing()
        for number in 5..<10 { ring.append(target, number: Int64(number)) }
        rig.pipeline.flush()
        #expect(eventually { successor.status().queueRecords == 5 })
        #expect(handler.delivered.isEmpty)
        isHeld.store(false, ordering: .releasing)
        #expect(eventually { handler.delivered.count >= 10 })
        #expect(handler.delivered == (0..<10).map { Int64($0) })
        #expect(self.losses(rig) == 0)
        rig.pipeline.stop()
    }

    @Test("Handlers without a spool in common are none of each other's")
    func unrelated() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        let rig = DeliveryRig(FakeHandler(), Self.spool(first))
        rig.handler.reply([], then: .fail("away"))
        rig.enqueue(0..<5)
        var options = rig.delivery.options
        options.spoolPath = second.path
        let handler = FakeHandler()
        let successor = rig.pipeline.makeDelivery(handler, options, after: rig.delivery)
        rig.delivery.handOver(to: successor)
        rig.turn()
        _ = successor.turn()
        #expect(rig.delivery.status().queueRecords == 5)
        #expect(!rig.delivery.isClosed)
        #expect(handler.delivered.isEmpty)
    }
}
