internal import PluginSupport
internal import PosternSDK

/// Writes records of one metric as lines.
public struct StatsdLines: Sendable {
    /// Whose lines.
    public enum Format: String, Decodable, Sendable {
        /// Etsy's: dimensions are parts of the name.
        case statsd
        /// Datadog's: dimensions are tags.
        case dogstatsd
    }

    /// What becomes of a histogram.
    public enum Histograms: String, Decodable, Sendable {
        /// One line a bucket that grew: its middle, with a sample rate that says how often.
        case samples
        /// Counters of observations, sum and buckets.
        case counters
    }

    private let format: Format
    private let histograms: Histograms
    private let path: MetricPath
    private let kind: SeriesKind
    private let bounds: [Double]
    /// What makes milliseconds of the metric's unit; timers are in those.
    private let scale: Double

    init(_ shape: Shape, _ format: Format, _ histograms: Histograms, prefix: String) {
        self.format = format
        self.histograms = histograms
        self.path = MetricPath(shape, prefix: prefix)
        self.kind = shape.series
        self.bounds = shape.bounds
        self.scale = format == .dogstatsd ? 1 : Self.milliseconds(in: shape.unit)
    }

    private static func milliseconds(in unit: String) -> Double {
        switch unit {
        case "s", "seconds": 1000
        case "us", "microseconds": 0.001
        case "ns", "nanoseconds": 0.000001
        default: 1
        }
    }

    /// Writes lines for what is new; none when nothing is.
    func append(_ record: Record, _ series: SeriesValue, _ delta: SeriesValue, to out: inout [UInt8]) {
        var name: [UInt8] = []
        var tags: [UInt8] = []
        switch self.format {
        case .statsd: self.path.append(record, to: &name)
        case .dogstatsd:
            name = self.path.stem
            self.append(tagsOf: record, to: &tags)
        }
        switch self.kind {
        case .counter: if delta.value != 0 { Self.line(name, "", delta.value, "|c", tags, to: &out) }
        case .gauge:
            // A sign means a change: a negative number needs a zero before it.
            if series.value < 0, self.format == .statsd { Self.line(name, "", 0, "|g", tags, to: &out) }
            if series.value.isFinite { Self.line(name, "", series.value, "|g", tags, to: &out) }
        default:
            switch self.histograms {
            case .samples: self.append(samplesOf: delta, name, tags, to: &out)
            case .counters: self.append(countersOf: delta, name, tags, to: &out)
            }
        }
    }

    private func append(
        samplesOf delta: SeriesValue, _ name: [UInt8], _ tags: [UInt8], to out: inout [UInt8]
    ) {
        for (index, count) in delta.buckets.enumerated() where count > 0 {
            let type = self.format == .statsd ? "|ms" : "|h"
            let rate = count == 1 ? "" : "|@\(1 / Double(count))"
            Self.line(name, "", self.middle(of: index) * self.scale, type + rate, tags, to: &out)
        }
    }

    private func append(
        countersOf delta: SeriesValue, _ name: [UInt8], _ tags: [UInt8], to out: inout [UInt8]
    ) {
        if delta.count == 0 { return }
        Self.line(name, ".count", Double(delta.count), "|c", tags, to: &out)
        if delta.value != 0 { Self.line(name, ".sum", delta.value, "|c", tags, to: &out) }
        for (index, count) in delta.buckets.enumerated() where count > 0 {
            let bound = index < self.bounds.count ? "\(self.bounds[index])" : "inf"
            var suffix: [UInt8] = []
            suffix.append(pathElement: Array(bound.utf8).span)
            Self.line(
                name, ".le." + String(decoding: suffix, as: UTF8.self), Double(count), "|c", tags, to: &out)
        }
    }

    private func middle(of bucket: Int) -> Double {
        guard let first = self.bounds.first, let last = self.bounds.last else { return 0 }
        if bucket >= self.bounds.count { return last }
        let below = bucket > 0 ? self.bounds[bucket - 1] : min(first, 0)
        return (below + self.bounds[bucket]) / 2
    }

    private func append(tagsOf record: Record, to tags: inout [UInt8]) {
        for index in 0..<record.count {
            if case .absent = record[index] { continue }
            tags.append(contentsOf: (tags.isEmpty ? "|#" : ",").utf8)
            tags += self.path.tagNames[index]
            tags.append(0x3A)
            var text: [UInt8] = []
            record[index].append(to: &text)
            // What ends a tag, its list or the line.
            for byte in text { tags.append(byte < 0x20 || byte == 0x2C || byte == 0x7C ? 0x5F : byte) }
        }
    }

    private static func line(
        _ name: [UInt8], _ suffix: String, _ value: Double, _ type: String, _ tags: [UInt8],
        to out: inout [UInt8]
    ) {
        out += name
        out.append(contentsOf: suffix.utf8)
        out.append(0x3A)
        out.append(measure: value)
        out.append(contentsOf: type.utf8)
        out += tags
        out.append(0x0A)
    }
}
