internal import PosternSDK

/// Writes records of spans in Zipkin's JSON, version 2.
struct SpanWriter: Sendable {
    /// Columns of the template, in the order of docs/reference/templates.md.
    private enum Column {
        static let traceID = 0, spanID = 1, parentID = 2, name = 3, start = 4, end = 5, status = 6
        static let isClient = 7, sourceName = 8, sourceIP = 9, destinationName = 10, destinationIP = 11
        static let requestSize = 12, responseSize = 13, count = 14
    }

    private let serviceName: [UInt8]
    private let instance: String
    /// Tags of the configuration: names as JSON.
    private let tags: [[UInt8]]

    init(_ shape: Shape, serviceName: String) {
        self.serviceName = Self.json(serviceName)
        self.instance = shape.name
        self.tags = Array(shape.jsonNames.dropFirst(Column.count))
    }

    private static func json(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        out.append(jsonString: bytes.span)
        return out
    }

    /// - Returns: False when it has no identifiers, as a span must; then something was written all the same.
    func write(_ record: Record, to out: inout [UInt8]) -> Bool {
        guard record.count >= Column.count, let trace = Self.identifier(record, Column.traceID, [16, 32]),
            let span = Self.identifier(record, Column.spanID, [16])
        else { return false }
        out.append(contentsOf: "{\"traceId\":\"\(trace)\",\"id\":\"\(span)\"".utf8)
        if let parent = Self.identifier(record, Column.parentID, [16]) {
            out.append(contentsOf: ",\"parentId\":\"\(parent)\"".utf8)
        }
        var isClient = false
        if case .bool(let flag) = record[Column.isClient] { isClient = flag }
        out.append(contentsOf: ",\"kind\":\"\(isClient ? "CLIENT" : "SERVER")\",\"name\":".utf8)
        // Zipkin's names are in small letters.
        out += Self.json((record.text(Column.name) ?? self.instance).lowercased())
        self.append(timesOf: record, to: &out)
        self.append(endpointsOf: record, isClient, to: &out)
        self.append(tagsOf: record, isClient, to: &out)
        out.append(0x7D)
        return true
    }

    /// Microseconds, of which Zipkin wants at least one of duration.
    private func append(timesOf record: Record, to out: inout [UInt8]) {
        guard case .timestamp(let start) = record[Column.start] else { return }
        out.append(contentsOf: ",\"timestamp\":\(start.nanoseconds / 1000)".utf8)
        if case .timestamp(let end) = record[Column.end] {
            let (length, isOver) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
            let duration = isOver ? (end < start ? 0 : .max) : length
            out.append(contentsOf: ",\"duration\":\(max(duration / 1000, 1))".utf8)
        }
    }

    /// This side of the call and the other: a client's own side is the source.
    private func append(endpointsOf record: Record, _ isClient: Bool, to out: inout [UInt8]) {
        let source = (Column.sourceName, Column.sourceIP)
        let destination = (Column.destinationName, Column.destinationIP)
        let (local, remote) = isClient ? (source, destination) : (destination, source)
        out.append(contentsOf: ",\"localEndpoint\":".utf8)
        self.append(endpoint: record, local, isLocal: true, to: &out)
        var other: [UInt8] = []
        self.append(endpoint: record, remote, isLocal: false, to: &other)
        if other.count > 2 {
            out.append(contentsOf: ",\"remoteEndpoint\":".utf8)
            out += other
        }
    }

    private func append(
        endpoint record: Record, _ columns: (name: Int, address: Int), isLocal: Bool, to out: inout [UInt8]
    ) {
        out.append(0x7B)
        if let name = record.text(columns.name), !name.isEmpty {
            out.append(contentsOf: "\"serviceName\":".utf8)
            out += Self.json(name.lowercased())
        } else if isLocal {
            out.append(contentsOf: "\"serviceName\":".utf8)
            out += self.serviceName
        }
        if case .ipAddress(let bytes) = record[columns.address] {
            if out.last != 0x7B { out.append(0x2C) }
            out.append(contentsOf: (bytes.count == 4 ? "\"ipv4\":\"" : "\"ipv6\":\"").utf8)
            out.append(address: bytes)
            out.append(0x22)
        }
        out.append(0x7D)
    }

    private func append(tagsOf record: Record, _ isClient: Bool, to out: inout [UInt8]) {
        var pairs: [UInt8] = []
        func add(_ name: [UInt8], _ value: [UInt8]) {
            if !pairs.isEmpty { pairs.append(0x2C) }
            pairs += name
            pairs.append(0x3A)
            pairs.append(jsonString: value.span)
        }
        func text(_ column: Int) -> [UInt8]? {
            var bytes: [UInt8] = []
            record[column].append(to: &bytes)
            if case .absent = record[column] { return nil }
            return bytes
        }
        for (name, column) in [
            ("http.status_code", Column.status), ("http.request.size", Column.requestSize),
            ("http.response.size", Column.responseSize),
        ] {
            if let value = text(column) { add(Self.json(name), value) }
        }
        if case .int64(let status) = record[Column.status], status >= (isClient ? 400 : 500) {
            add(Self.json("error"), Array("\(status)".utf8))
        }
        for (index, name) in self.tags.enumerated() {
            if let value = text(Column.count + index) { add(name, value) }
        }
        if pairs.isEmpty { return }
        out.append(contentsOf: ",\"tags\":{".utf8)
        out += pairs
        out.append(0x7D)
    }

    /// Hexadecimal digits in small letters; nil unless there are so many, and not all are zero.
    private static func identifier(_ record: Record, _ column: Int, _ lengths: [Int]) -> String? {
        guard case .string(let text) = record[column], lengths.contains(text.count) else { return nil }
        var digits: [UInt8] = []
        for index in text.indices {
            switch text[index] {
            case 0x30...0x39, 0x61...0x66: digits.append(text[index])
            case 0x41...0x46: digits.append(text[index] | 0x20)
            default: return nil
            }
        }
        return digits.allSatisfy { $0 == 0x30 } ? nil : String(decoding: digits, as: UTF8.self)
    }
}
