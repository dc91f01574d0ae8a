import Adapting
import CPosternABI
import Primitives
import Telemetry
import Testing

@testable import Mixer

@Suite struct SeriesReportTests {
    static let shape = RecordShape(
        .metric, name: "latency", columns: [RecordColumn("number", .int64), RecordColumn("text", .string)],
        series: SeriesDefinition(kind: .histogram, bounds: [1, 10]))

    /// Series whose memory is gone as soon as they were handed out.
    final class Source: SeriesSource {
        let count: Int
        init(_ count: Int) { self.count = count }

        func collect(_ each: (UnsafePointer<postern_record>) -> Void) {
            for number in 0..<self.count {
                let text = Array("series \(number)".utf8)
                let buckets: [UInt64] = [UInt64(number), 2, 3]
                text.withUnsafeBufferPointer { text in
                    buckets.withUnsafeBufferPointer { buckets in
                        var first = postern_value()
                        first.type = UInt32(RecordValueType.int64.rawValue)
                        first.integer = Int64(number)
                        var second = postern_value()
                        second.type = UInt32(RecordValueType.string.rawValue)
                        second.bytes = postern_bytes(ptr: text.baseAddress, len: text.count)
                        let values = [first, second]
                        var series = postern_series_value()
                        series.size = MemoryLayout<postern_series_value>.size
                        series.value = Double(number) / 2
                        series.buckets = buckets.baseAddress
                        values.withUnsafeBufferPointer { values in
                            withUnsafePointer(to: series) { series in
                                var record = postern_record(
                                    SeriesReportTests.shape.abi, values.baseAddress, time: 1,
                                    series: series)
                                each(&record)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("Series are reported at the interval, in batches, with their values, and once more at the end")
    func reports() throws {
        let source = Source(25)
        let rig = DeliveryRig { $0.metricInterval = .seconds(10) }
        rig.handler.series = source
        rig.turn()
        #expect(rig.handler.batches.isEmpty)
        rig.advance(.seconds(10))
        rig.turn()
        #expect(rig.handler.batches.map(\.numbers.count) == [10, 10, 5])
        #expect(rig.handler.delivered == Array(0..<25))
        #expect(rig.handler.texts == (0..<25).map { "series \($0)" })
        #expect(rig.handler.reportedSeries == (0..<25).map { Double($0) / 2 })
        #expect(rig.handler.firstBuckets == (0..<25).map { UInt64($0) })
        rig.advance(.seconds(9))
        rig.turn()
        #expect(rig.handler.batches.count == 3)
        rig.delivery.close(by: rig.now.advanced(by: .seconds(1)))
        rig.turn()
        #expect(rig.handler.batches.count == 7)
        #expect(rig.handler.batches.map(\.isLast) == [false, false, false, false, false, false, true])
        #expect(rig.delivery.status().delivered == 0)
    }

    @Test("A round of series that fails is not repeated before the next, and shows as a problem")
    func failure() {
        let source = Source(25)
        let rig = DeliveryRig { $0.metricInterval = .seconds(10) }
        rig.handler.series = source
        rig.handler.reply([.fail("down")])
        rig.advance(.seconds(10))
        rig.turn()
        #expect(rig.handler.batches.count == 1)
        #expect(rig.delivery.status().lastProblem == "down")
        rig.advance(.seconds(10))
        rig.turn()
        #expect(rig.handler.batches.count == 4)
        #expect(rig.delivery.status().health == .healthy)
    }

    @Test("Series that nobody but the handler has are reported all the same")
    func owned() {
        let rig = DeliveryRig { $0.metricInterval = .seconds(10) }
        rig.handler.series = Source(5)
        rig.delivery.close(by: rig.now.advanced(by: .seconds(1)))
        rig.turn()
        #expect(rig.handler.reportedSeries.count == 5)
    }

    private static func instance(_ help: String) -> InstancePlan {
        InstancePlan(
            name: "hits",
            shape: RecordShape(
                .metric, name: "hits", columns: Self.shape.columns,
                series: SeriesDefinition(kind: .counter, help: help)),
            fields: [nil, nil], metric: MetricPlan(value: nil, scale: 1, divisor: 1), source: help)
    }

    @Test("A reload in the middle of a report leaves its records as they were")
    func reloadedMeanwhile() {
        let series = HandlerSeries(registry: MetricRegistry(), started: 0)
        let metric = series.define(Self.instance("before"))
        for number in 0..<25 {
            let one = series.registry.series(metric, ["", "series \(number)"])
            series.registry.shared.addAtomically(one)
        }
        let handler = FakeHandler {
            // Shapes whose memory is free would be found in these.
            for number in 0..<100 {
                let changed = Self.instance("after \(number)")
                _ = series.define(changed)
                series.adopt(changed)
            }
        }
        let rig = DeliveryRig(handler) { $0.metricInterval = .seconds(10) }
        rig.handler.series = series
        rig.advance(.seconds(10))
        rig.turn()
        #expect(rig.handler.batches.count == 3)
        #expect(rig.handler.texts.sorted() == (0..<25).map { "series \($0)" }.sorted())
        #expect(rig.handler.shapes.count == 1)
    }
}
