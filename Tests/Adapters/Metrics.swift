import Foundation
import PosternSDK
import PosternTestKit

/// Records of metrics, as tests of several adapters need them.
enum Metrics {
    /// In nanoseconds; backends do not take what is long ago.
    static let now = Int64(Date().timeIntervalSince1970) * 1_000_000_000

    static let requests = TestShape(
        .metric, name: "requests", columns: ["response.code", "service"], series: .counter,
        help: "Requests \"served\".")
    static let load = TestShape(.metric, name: "load", columns: ["zone"], series: .gauge, help: "The load.")
    static let sizes = TestShape(
        .metric, name: "duration_seconds", columns: ["service"], series: .histogram, help: "How long.",
        unit: "seconds", bounds: [0.1, 0.5, 2])

    static func counter(
        _ value: Double, code: Int64 = 200, service: String = "reviews", start: Int64 = 1, time: Int64 = now
    ) -> TestRecord {
        TestRecord(
            self.requests, [.int64(code), .string(service)], time: time,
            series: SeriesValue(start: Timestamp(nanoseconds: start), value: value))
    }

    static func gauge(_ value: Double, zone: TestValue = .string("a"), time: Int64 = now) -> TestRecord {
        TestRecord(
            self.load, [zone], time: time,
            series: SeriesValue(start: Timestamp(nanoseconds: 1), value: value))
    }

    /// - Parameter buckets: How many fell into each of four.
    static func histogram(
        _ buckets: [UInt64], sum: Double, service: String = "reviews", time: Int64 = now
    ) -> TestRecord {
        TestRecord(
            self.sizes, [.string(service)], time: time,
            series: SeriesValue(
                start: Timestamp(nanoseconds: 1), value: sum, count: buckets.reduce(0, +), buckets: buckets))
    }
}
