internal import PosternSDK

/// Records of a template, plain and odd ones.
struct SuiteRecords {
    let template: Template

    /// The columns that every record has (docs/reference/templates.md), with a value of each.
    private var own: [(name: String, value: TestValue)] {
        func texts(_ names: String...) -> [(String, TestValue)] { names.map { ($0, .string("some \($0)")) } }
        let (now, address) = (TestValue.timestamp(Self.time), TestValue.ipAddress([192, 0, 2, 1]))
        switch self.template {
        case .logEntry: return [("severity", .string("info")), ("timestamp", now)]
        case .traceSpan:
            return [
                ("traceId", .string("4bf92f3577b34da6a3ce929d0e0e4736")),
                ("spanId", .string("00f067aa0ba902b7")),
                ("parentSpanId", .absent), ("spanName", .string("GET /reviews")), ("startTime", now),
                ("endTime", .timestamp(Self.time + 1_500_000)), ("httpStatusCode", .int64(200)),
                ("clientSpan", .bool(false)), ("sourceName", .string("web")), ("sourceIp", address),
                ("destinationName", .string("reviews")), ("destinationIp", address),
                ("requestSize", .int64(0)), ("responseSize", .int64(512)),
            ]
        case .edge:
            return [("timestamp", now)]
                + texts(
                    "sourceUid", "sourceOwner", "sourceWorkloadName", "sourceWorkloadNamespace",
                    "destinationUid",
                    "destinationOwner", "destinationWorkloadName", "destinationWorkloadNamespace",
                    "destinationServiceName", "contextProtocol", "apiProtocol")
                + [("responseCode", .int64(200)), ("duration", .duration(1_500_000))]
        case .listEntry: return texts("value")
        case .authorization: return texts("user", "groups", "namespace", "service", "method", "path")
        case .apiKey: return texts("api", "apiVersion", "apiOperation", "apiKey") + [("timestamp", now)]
        default: return []
        }
    }

    private static let time: Int64 = 1_700_000_000_123_456_789

    /// Whether the configuration names further columns.
    private var hasFurther: Bool {
        ![Template.edge, .reportNothing, .checkNothing, .listEntry, .apiKey].contains(self.template)
    }

    /// Whether a mark can be put into its records.
    var isMarked: Bool { self.hasFurther || self.template == .edge }

    /// A record with a mark, in the column `id`, and these values behind it.
    func record(
        _ mark: String, _ further: KeyValuePairs<String, TestValue> = [:], instance: String = "suite",
        changing change: (TestValue) -> TestValue = { $0 }
    ) -> TestRecord {
        var columns = self.own.map { ($0.name, change($0.value)) }
        if self.template == .edge { columns[1].1 = .string(mark) }
        if self.hasFurther { columns += [("id", .string(mark))] + further.map { ($0.key, $0.value) } }
        var record = TestRecord(
            TestShape(self.template, name: instance, columns: columns.map(\.0)), columns.map(\.1),
            time: Self.time)
        if self.template == .metric { record.series = SeriesValue(start: Self.start, value: 3) }
        return record
    }

    private static let start = Timestamp(nanoseconds: time - 10_000_000_000)

    /// Records that are all different in kind.
    ///
    /// - Parameter mark: Called once for each.
    func odd(_ mark: () -> String) -> [TestRecord] {
        var made = [self.record(mark())]
        let long = String(repeating: "0123456789abcde ", count: 4096)
        let changes: [(TestValue) -> TestValue] = [
            { _ in .absent },
            { if case .string = $0 { .string("") } else { $0 } },
            { if case .string = $0 { .bytes(Self.noText) } else { $0 } },
            { if case .string = $0 { .string("a\"b\\c\r\n\td\u{0}e\u{2028}😀'; --") } else { $0 } },
            { Self.extreme($0, Int64.max) }, { Self.extreme($0, Int64.min) },
        ]
        for change in changes { made.append(self.record(mark(), changing: change)) }
        let doubles: [Double] = [0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .nan, .infinity]
        let texts: [TestValue] = [
            .absent, .string(""), .bytes([]), .bytes(Self.noText), .string(long), .string("a\u{0}b\n\"'\\"),
            .ipAddress([UInt8](repeating: 255, count: 16)), .ipAddress([0, 0, 0, 0]), .bool(true),
        ]
        if self.template == .metric {
            made += self.series(mark)
            for text in texts { made.append(self.record(mark(), ["odd": text])) }
        } else if self.hasFurther {
            for value in doubles.map(TestValue.double) + texts
                + [Int64.min, 0, .max].flatMap({
                    [.int64($0), .timestamp($0), .duration($0)]
                })
            {
                made.append(self.record(mark(), ["odd": value]))
            }
            var many = self.record(mark())
            for number in 0..<200 {
                many.shape.columns.append("column\(number)")
                many.values.append(number % 3 == 0 ? .absent : .int64(Int64(number)))
            }
            made.append(many)
            // The same name with other columns, in another order.
            made.append(self.record(mark(), ["z": .int64(1), "a": .string("x")]))
            made.append(self.record(mark(), ["a": .string("x"), "z": .int64(1)]))
        }
        return made
    }

    private static let noText: [UInt8] = [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0xC3]

    private static func extreme(_ value: TestValue, _ number: Int64) -> TestValue {
        switch value {
        case .int64: .int64(number)
        case .timestamp: .timestamp(number)
        case .duration: .duration(number)
        default: value
        }
    }

    /// Metrics of every kind.
    private func series(_ mark: () -> String) -> [TestRecord] {
        let kinds: [(SeriesKind, [Double], SeriesValue)] = [
            (.gauge, [], SeriesValue(start: Self.start, value: -0.5)),
            (.counter, [], SeriesValue(start: Self.start, value: 9_007_199_254_740_991)),
            (.histogram, [], SeriesValue(start: Self.start, value: 0, count: 0, buckets: [0])),
            (
                .histogram, [0.5, 10, 1e9],
                SeriesValue(start: Self.start, value: 1e12, count: 7, buckets: [1, 2, 0, 4])
            ),
        ]
        return kinds.enumerated().map { number, kind in
            var record = self.record(mark(), instance: "suite_\(number)")
            (record.shape.series, record.shape.bounds) = (kind.0, kind.1)
            (record.shape.help, record.shape.unit) = ("Of \"every\" kind\n.", "ms")
            record.series = kind.2
            return record
        }
    }
}
