internal import PosternSDK

/// The records of one signal as the collector's Export request.
struct ExportRequest {
    let signal: Signal
    /// What is written before all records: the resource.
    private let resource: [(name: String, value: String)]
    /// Written logs and spans, and the points of each metric.
    private var items: [[UInt8]] = []
    private var points: [(number: Int, writer: ShapeWriter, points: [[UInt8]])] = []
    /// Where the records stand in the batch.
    private(set) var indices: [Int] = []

    init(_ signal: Signal, resource: [(name: String, value: String)]) {
        self.signal = signal
        self.resource = resource
    }

    /// - Returns: False when the record lacks what it must have.
    mutating func add(_ record: Record, at index: Int, _ writer: ShapeWriter) -> Bool {
        var item = ProtobufWriter()
        switch self.signal {
        case .logs: writer.write(log: record, to: &item)
        case .traces: guard writer.write(span: record, to: &item) else { return false }
        case .metrics:
            guard let series = record.series else { return false }
            writer.write(point: record, series, to: &item)
            let number = record.shape.number
            if let known = self.points.firstIndex(where: { $0.number == number }) {
                self.points[known].points.append(item.bytes)
            } else {
                self.points.append((number, writer, [item.bytes]))
            }
            self.indices.append(index)
            return true
        }
        self.items.append(item.bytes)
        self.indices.append(index)
        return true
    }

    /// The message ExportLogsServiceRequest, or that of the other signals: they are alike.
    var bytes: [UInt8] {
        var request = ProtobufWriter()
        request.message(1) { resourceItems in
            resourceItems.message(1) { resource in
                for (name, value) in self.resource {
                    resource.message(1) { pair in
                        pair.string(1, name)
                        pair.message(2) { $0.string(1, value) }
                    }
                }
            }
            resourceItems.message(2) { scopeItems in
                scopeItems.message(1) { $0.string(1, "postern") }
                for item in self.items { scopeItems.data(2, item) }
                for metric in self.points { scopeItems.message(2) { self.write(metric, to: &$0) } }
            }
        }
        return request.bytes
    }

    private func write(
        _ metric: (number: Int, writer: ShapeWriter, points: [[UInt8]]), to out: inout ProtobufWriter
    ) {
        let (writer, kind) = (metric.writer, metric.writer.kind)
        out.string(1, writer.name)
        if !writer.help.isEmpty { out.string(2, writer.help) }
        if !writer.unit.isEmpty { out.string(3, writer.unit) }
        out.message(kind == .gauge ? 5 : kind == .counter ? 7 : 9) { data in
            for point in metric.points { data.data(1, point) }
            // Cumulative.
            if kind != .gauge { data.varint(2, 2) }
            if kind == .counter { data.varint(3, 1) }
        }
    }
}
