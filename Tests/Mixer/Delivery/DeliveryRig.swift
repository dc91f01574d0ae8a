import Adapting
import Glibc
import Primitives
import Synchronization
import Telemetry
import Testing

@testable import Mixer

/// A pipeline with one handler, a clock that moves by hand, and no thread but the test's.
final class DeliveryRig: Sendable {
    let registry = MetricRegistry()
    let log = Log(level: .critical, descriptor: -1)
    let handler: FakeHandler
    let delivery: HandlerDelivery
    let pipeline: ReportPipeline
    let metrics: DeliveryMetrics
    private let time = ManualClock()

    final class ManualClock: Sendable {
        let nanoseconds = Atomic<UInt64>(1_000_000_000)
    }

    static let shape = RecordShape(
        .logentry, name: "entry", columns: [RecordColumn("number", .int64), RecordColumn("text", .string)])

    init(
        _ handler: FakeHandler = FakeHandler(), ring: ByteCount = .mebibytes(2),
        _ change: (inout DeliveryOptions) -> Void = { _ in }
    ) {
        var options = DeliveryOptions()
        options.batchRecords = 10
        options.batchInterval = .milliseconds(100)
        change(&options)
        self.handler = handler
        self.pipeline = ReportPipeline(self.registry, log: self.log, ringCapacity: ring)
        let metrics = DeliveryMetrics(self.registry)
        self.metrics = metrics
        let time = self.time
        self.delivery = HandlerDelivery(
            handler, options, metrics, log: self.log,
            clock: { MonotonicTime(nanoseconds: time.nanoseconds.load(ordering: .sequentiallyConsistent)) },
            random: RandomSource(seed: (1, 2, 3, 4)))
        self.pipeline.add(self.delivery)
    }

    func register(_ shape: RecordShape = DeliveryRig.shape) -> ReportTarget {
        self.pipeline.register(shape, [self.delivery])
    }

    func makeRing(worker: Int = 0) -> ReportRing {
        self.pipeline.makeRing(worker: worker, cells: self.registry.makeCells())
    }

    var now: MonotonicTime {
        MonotonicTime(nanoseconds: self.time.nanoseconds.load(ordering: .sequentiallyConsistent))
    }

    func advance(_ duration: Duration) {
        self.time.nanoseconds.wrappingAdd(duration.nanoseconds, ordering: .sequentiallyConsistent)
    }

    /// Puts records into the queue, without a ring.
    func enqueue(_ numbers: some Sequence<Int>, text: String = "t", worker: UInt32 = 0) {
        let ring = self.makeRing(worker: Int(worker))
        let target = self.register()
        for number in numbers { ring.append(target, number: Int64(number), text: text) }
        self.pipeline.flush()
    }

    func lost(_ reason: LossReason) -> UInt64 {
        self.registry.read(DeliveryMetrics.lostName, [self.handler.name, reason.rawValue])?.value ?? 0
    }

    func gauge(_ name: String) -> UInt64 { self.registry.read(name, [self.handler.name])?.value ?? 0 }

    /// Takes turns, as the thread would, until none is due now.
    func turn() {
        while let next = self.delivery.turn(), next <= self.now {}
    }
}

extension ReportRing {
    @discardableResult
    func append(
        _ target: ReportTarget, number: Int64, text: String = "t",
        time: UInt64 = WallTime.now().nanosecondsSinceEpoch
    )
        -> Bool
    {
        self.append(target, time: time) { writer in
            writer.append(.int64, bits: UInt64(bitPattern: number))
            text.withByteView { writer.append(.string, $0) }
        }
    }
}

/// Looks until `condition` holds, up to a minute; how long it takes decides nothing.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = MonotonicTime.now().advanced(by: .seconds(60))
    while !condition() {
        if MonotonicTime.now() > end { return false }
        usleep(1000)
    }
    return true
}
