internal import PluginSupport
internal import PosternSDK

/// The samples of one metric, and what stands before them.
struct Family {
    let name: String
    private let kind: SeriesKind
    private let help: String
    private let unit: String
    private let bounds: [[UInt8]]
    /// By column: `NAME="`.
    private let labels: [[UInt8]]
    private var samples: [UInt8] = []

    /// - Parameter taken: Names that other metrics have already.
    init(_ shape: Shape, prefix: String, taken: Set<String>) {
        var name = prefix + MetricName.sanitised(shape.name)
        if shape.series == .counter, name.hasSuffix("_total") { name.removeLast(6) }
        var number = 2
        let plain = name
        while taken.contains(name) {
            name = "\(plain)_\(number)"
            number += 1
        }
        self.name = name
        self.kind = shape.series
        self.help = shape.help.isEmpty ? "Of the instance \(shape.name)." : shape.help
        self.unit = MetricName.sanitised(shape.unit)
        self.bounds = shape.bounds.map { Array("\($0)".utf8) } + [Array("+Inf".utf8)]
        var labels: Set<String> = []
        self.labels = shape.columnNames.map { column in
            let plain = MetricName.label(column)
            var label = plain
            var number = 2
            while !labels.insert(label).inserted {
                label = "\(plain)_\(number)"
                number += 1
            }
            return Array("\(label)=\"".utf8)
        }
    }

    /// Writes a series' samples.
    mutating func add(_ record: Record, _ series: SeriesValue) {
        var labels: [UInt8] = []
        for index in 0..<record.count {
            if case .absent = record[index] { continue }
            if !labels.isEmpty { labels.append(0x2C) }
            labels += self.labels[index]
            var text: [UInt8] = []
            record[index].append(to: &text)
            Self.append(escaped: text, quotes: true, to: &labels)
            labels.append(0x22)
        }
        if self.kind == .histogram {
            var sum: UInt64 = 0
            for (index, count) in series.buckets.enumerated() where index < self.bounds.count {
                sum += count
                var bucket = labels
                if !bucket.isEmpty { bucket.append(0x2C) }
                bucket += Array("le=\"".utf8) + self.bounds[index] + [0x22]
                self.sample("_bucket", bucket, Double(sum))
            }
            self.sample("_sum", labels, series.value)
            self.sample("_count", labels, Double(sum))
        } else {
            self.sample(self.kind == .counter ? "_total" : "", labels, series.value)
        }
    }

    private mutating func sample(_ suffix: String, _ labels: [UInt8], _ value: Double) {
        self.samples.append(contentsOf: self.name.utf8)
        self.samples.append(contentsOf: suffix.utf8)
        if !labels.isEmpty {
            self.samples.append(0x7B)
            self.samples += labels
            self.samples.append(0x7D)
        }
        self.samples.append(0x20)
        if value.isNaN {
            self.samples.append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            self.samples.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8)
        } else {
            self.samples.append(measure: value)
        }
        self.samples.append(0x0A)
    }

    /// Writes the family; nothing when it has no samples.
    func append(_ format: Exposition.Format, to out: inout [UInt8]) {
        if self.samples.isEmpty { return }
        let shown = self.kind == .counter && format == .text ? self.name + "_total" : self.name
        out.append(contentsOf: "# HELP \(shown) ".utf8)
        Self.append(escaped: Array(self.help.utf8), quotes: format == .openMetrics, to: &out)
        let type = self.kind == .counter ? "counter" : self.kind == .gauge ? "gauge" : "histogram"
        out.append(contentsOf: "\n# TYPE \(shown) \(type)\n".utf8)
        // OpenMetrics allows a unit only where the name ends in it.
        if format == .openMetrics, self.name.hasSuffix("_\(self.unit)") {
            out.append(contentsOf: "# UNIT \(shown) \(self.unit)\n".utf8)
        }
        out += self.samples
    }

    private static func append(escaped text: [UInt8], quotes: Bool, to out: inout [UInt8]) {
        // Prometheus refuses a whole scrape for a byte that is no UTF-8.
        for byte in String(decoding: text, as: UTF8.self).utf8 {
            switch byte {
            case 0x5C: out += [0x5C, 0x5C]
            case 0x0A: out += [0x5C, 0x6E]
            case 0x22 where quotes: out += [0x5C, 0x22]
            default: out.append(byte)
            }
        }
    }
}
