import PosternSDK
import PosternTestKit

/// Records of spans and logs, as tests of several adapters need them.
enum Telemetry {
    static let spanColumns = [
        "traceId", "spanId", "parentSpanId", "spanName", "startTime", "endTime", "httpStatusCode",
        "clientSpan", "sourceName", "sourceIp", "destinationName", "destinationIp", "requestSize",
        "responseSize",
    ]
    static let traceID = "0af7651916cd43dd8448eb211c80319c"
    static let spanID = "b7ad6b7169203331"

    static func span(
        id: TestValue = .string(spanID), parent: TestValue = .string("00f067aa0ba902b7"), status: Int64 = 200,
        isClient: Bool = false, name: String = "GET /reviews"
    ) -> TestRecord {
        TestRecord(
            TestShape(.traceSpan, name: "spans", columns: self.spanColumns + ["http.route"]),
            [
                .string(self.traceID), id, parent, .string(name), .timestamp(1_700_000_000_000_001_000),
                .timestamp(1_700_000_000_250_002_000), .int64(status), .bool(isClient), .string("web"),
                .ipAddress([10, 0, 0, 1]), .string("reviews"), .absent, .int64(10), .int64(2000),
                .string("/reviews/*"),
            ])
    }

    static func log(_ message: String = "hello", severity: String = "warning") -> TestRecord {
        .logEntry(
            severity: severity, time: 1_700_000_000_123_456_789,
            [
                "message": .string(message), "status": .int64(503), "took": .duration(1_500_000_000),
                "ratio": .double(0.5), "cached": .bool(true), "bad": .bytes([0x61, 0xFF]), "gone": .absent,
                "traceId": .string(self.traceID), "spanId": .string(self.spanID),
            ], name: "access")
    }
}
