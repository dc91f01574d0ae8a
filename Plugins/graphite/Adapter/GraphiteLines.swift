internal import PluginSupport
internal import PosternSDK

/// Writes records of one metric as `PATH VALUE SECONDS`.
struct GraphiteLines: Sendable {
    private let path: MetricPath
    private let hasTags: Bool
    private let kind: SeriesKind
    private let bounds: [String]

    init(_ shape: Shape, prefix: String, hasTags: Bool) {
        self.path = MetricPath(shape, prefix: prefix)
        self.hasTags = hasTags
        self.kind = shape.series
        self.bounds = shape.bounds.map { "\($0)" } + ["inf"]
    }

    func append(_ record: Record, _ series: SeriesValue, to out: inout [UInt8]) {
        let seconds = record.time.nanoseconds / 1_000_000_000
        var name: [UInt8] = []
        var tags: [UInt8] = []
        if self.hasTags {
            name = self.path.stem
            self.append(tagsOf: record, to: &tags)
        } else {
            self.path.append(record, to: &name)
        }
        func line(_ suffix: String, _ more: String, _ value: Double) {
            // Graphite has no word for these.
            guard value.isFinite else { return }
            out += name
            out.append(contentsOf: suffix.utf8)
            out += tags
            out.append(contentsOf: more.utf8)
            out.append(0x20)
            out.append(measure: value)
            out.append(0x20)
            out.append(number: seconds)
            out.append(0x0A)
        }
        guard self.kind == .histogram else {
            line("", "", series.value)
            return
        }
        line(".count", "", Double(series.count))
        line(".sum", "", series.value)
        var sum: UInt64 = 0
        for (index, count) in series.buckets.enumerated() where index < self.bounds.count {
            sum += count
            let bound = self.bounds[index]
            if self.hasTags {
                line(".bucket", ";le=\(bound)", Double(sum))
            } else {
                line(".le." + String(bound.map { $0 == "." ? "_" : $0 }), "", Double(sum))
            }
        }
    }

    private func append(tagsOf record: Record, to tags: inout [UInt8]) {
        for index in 0..<record.count {
            var text: [UInt8] = []
            record[index].append(to: &text)
            // A tag without a value is not allowed.
            if text.isEmpty { continue }
            tags.append(0x3B)
            tags += self.path.tagNames[index]
            tags.append(0x3D)
            for (place, byte) in text.enumerated() {
                let isBad = byte <= 0x20 || byte == 0x3B || (place == 0 && byte == 0x7E)
                tags.append(isBad ? 0x5F : byte)
            }
        }
    }
}
