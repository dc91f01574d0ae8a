internal import PosternSDK

/// What records of one shape have in common, ready to be written.
struct ShapeWriter {
    let signal: Signal
    /// The instance's.
    let name: String
    // Of a metric:
    let kind: SeriesKind
    let help, unit: String
    private let bounds: [UInt64]
    /// Of a log: the columns with the severity, the moment, the body, and the identifiers of trace and span.
    private let body, traceID, spanID: Int?
    /// Columns that become attributes, and their names.
    private let attributes: [(column: Int, name: String)]

    /// Names that spans' own columns have as attributes.
    private static let spanNames = [
        "httpStatusCode": "http.response.status_code", "sourceName": "source.name",
        "sourceIp": "client.address", "destinationName": "destination.name",
        "destinationIp": "server.address", "requestSize": "http.request.size",
        "responseSize": "http.response.size",
    ]
    /// Columns of spans that are fields of the message.
    private static let spanFields: Set = [
        "traceId", "spanId", "parentSpanId", "spanName", "startTime", "endTime", "clientSpan",
    ]
    private static let spanColumns = 14

    /// - Parameter body: The name of the variable that is a log's body.
    /// - Returns: nil for a template that no signal takes.
    init?(_ shape: Shape, body: String) {
        guard let signal = Signal(shape.template) else { return nil }
        self.signal = signal
        self.name = shape.name
        self.kind = shape.series
        (self.help, self.unit) = (shape.help, shape.unit)
        self.bounds = shape.bounds.map(\.bitPattern)
        let names = shape.columnNames
        let isLog = signal == .logs
        self.body = isLog ? names.firstIndex(of: body) : nil
        self.traceID = isLog ? names.firstIndex(of: "traceId") : nil
        self.spanID = isLog ? names.firstIndex(of: "spanId") : nil
        var attributes: [(column: Int, name: String)] = []
        for (column, name) in names.enumerated() {
            switch signal {
            case .logs:
                if column < 2 || name == body || name == "traceId" || name == "spanId" { continue }
                attributes.append((column, name))
            case .metrics: attributes.append((column, name))
            case .traces:
                if column >= Self.spanColumns {
                    attributes.append((column, name))
                } else if !Self.spanFields.contains(name) {
                    attributes.append((column, Self.spanNames[name] ?? name))
                }
            }
        }
        self.attributes = attributes
    }

    /// Writes a record of a log as the message LogRecord.
    func write(log record: Record, to writer: inout ProtobufWriter) {
        var time = record.time.nanoseconds
        if case .timestamp(let moment) = record[1] { time = moment.nanoseconds }
        writer.fixed64(1, UInt64(bitPattern: time))
        writer.fixed64(11, UInt64(bitPattern: record.time.nanoseconds))
        if let severity = record.text(0) {
            writer.varint(2, Int64(Self.severity(severity)))
            writer.string(3, severity)
        }
        if let body, let text = record.text(body) {
            writer.message(5) { $0.string(1, text) }
        } else {
            writer.message(5) { $0.string(1, self.name) }
        }
        self.write(attributesOf: record, field: 6, to: &writer)
        if let traceID, let bytes = Self.identifier(record, traceID, 16) { writer.data(9, bytes) }
        if let spanID, let bytes = Self.identifier(record, spanID, 8) { writer.data(10, bytes) }
    }

    /// Writes a record of a trace as the message Span.
    ///
    /// - Returns: False when it has no identifiers, as a span must.
    func write(span record: Record, to writer: inout ProtobufWriter) -> Bool {
        guard let trace = Self.identifier(record, 0, 16), let span = Self.identifier(record, 1, 8) else {
            return false
        }
        writer.data(1, trace)
        writer.data(2, span)
        if let parent = Self.identifier(record, 2, 8) { writer.data(4, parent) }
        writer.string(5, record.text(3) ?? self.name)
        var isClient = false
        if case .bool(let flag) = record[7] { isClient = flag }
        writer.varint(6, isClient ? 3 : 2)
        var start = record.time.nanoseconds
        if case .timestamp(let moment) = record[4] { start = moment.nanoseconds }
        var end = record.time.nanoseconds
        if case .timestamp(let moment) = record[5] { end = moment.nanoseconds }
        writer.fixed64(7, UInt64(bitPattern: start))
        writer.fixed64(8, UInt64(bitPattern: max(end, start)))
        self.write(attributesOf: record, field: 9, to: &writer)
        // A server's 4xx is the client's error.
        if case .int64(let status) = record[6], status >= (isClient ? 400 : 500) {
            writer.message(15) { $0.varint(3, 2) }
        }
        return true
    }

    /// Writes a series as NumberDataPoint or HistogramDataPoint.
    func write(point record: Record, _ series: SeriesValue, to writer: inout ProtobufWriter) {
        writer.fixed64(2, UInt64(bitPattern: series.start.nanoseconds))
        writer.fixed64(3, UInt64(bitPattern: record.time.nanoseconds))
        guard self.kind == .histogram else {
            writer.double(4, series.value)
            self.write(attributesOf: record, field: 7, to: &writer)
            return
        }
        writer.fixed64(4, series.count)
        writer.double(5, series.value)
        writer.packed(6, series.buckets)
        writer.packed(7, self.bounds)
        self.write(attributesOf: record, field: 9, to: &writer)
    }

    private func write(attributesOf record: Record, field: Int, to writer: inout ProtobufWriter) {
        for (column, name) in self.attributes {
            if case .absent = record[column] { continue }
            writer.message(field) { pair in
                pair.string(1, name)
                pair.message(2) { value in
                    switch record[column] {
                    case .int64(let number): value.varint(3, number)
                    case .double(let number): value.double(4, number)
                    case .bool(let flag): value.varint(2, flag ? 1 : 0)
                    // As text, in which what is no UTF-8 is replaced: a collector refuses all for it.
                    default: value.string(1, record.text(column) ?? "")
                    }
                }
            }
        }
    }

    /// The bytes of hexadecimal digits; nil unless there are so many, and not all are zero.
    private static func identifier(_ record: Record, _ column: Int, _ count: Int) -> [UInt8]? {
        guard case .string(let text) = record[column], text.count == count * 2 else { return nil }
        var bytes: [UInt8] = []
        var value: UInt8 = 0
        for index in text.indices {
            let digit = text[index]
            switch digit {
            case 0x30...0x39: value = value << 4 | (digit - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | ((digit | 0x20) - 0x57)
            default: return nil
            }
            if index % 2 == 1 { bytes.append(value) }
        }
        return bytes.allSatisfy { $0 == 0 } ? nil : bytes
    }

    private static func severity(_ text: String) -> Int {
        switch text.lowercased() {
        case "trace": 1
        case "debug": 5
        case "info", "default": 9
        case "notice": 10
        case "warning", "warn": 13
        case "error": 17
        case "critical", "fatal", "alert", "emergency": 21
        default: 0
        }
    }
}
