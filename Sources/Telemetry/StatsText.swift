public import Primitives

/// All metrics as Envoy's `/stats` shows them: one a line, as text or as JSON.
public enum StatsText {
    /// Appends `name{labels}: value`; for a histogram `count`, `sum` and quantiles estimated from its
    /// buckets.
    public static func render(_ registry: MetricRegistry, to buffer: ByteBuffer) {
        for family in registry.read() {
            for reading in family.series {
                buffer.append(self.name(family, reading))
                buffer.append(": ")
                if family.definition.kind == .histogram {
                    let count = reading.count
                    let sum = PrometheusText.number(reading.value, family.definition.divisor)
                    buffer.append("count=\(count) sum=\(sum)")
                    for percent in [50, 90, 99] where count > 0 {
                        buffer.append(" P\(percent)=\(self.quantile(family.definition, reading, percent))")
                    }
                } else {
                    buffer.append(PrometheusText.value(reading.value, family.definition))
                }
                buffer.append("\n")
            }
        }
    }

    /// Appends `{"stats":[{"name":…,"value":…},…]}`; a histogram has `count`, `sum` and cumulative `buckets`
    /// instead of `value`.
    public static func renderJSON(_ registry: MetricRegistry, to buffer: ByteBuffer) {
        buffer.append("{\"stats\":[")
        var isFirst = true
        for family in registry.read() {
            for reading in family.series {
                buffer.append(isFirst ? "{\"name\":\"" : ",{\"name\":\"")
                isFirst = false
                self.name(family, reading).withByteView { LineFormat.appendJSON($0, to: buffer) }
                buffer.append("\",")
                if family.definition.kind == .histogram {
                    self.appendBuckets(family.definition, reading, to: buffer)
                } else {
                    buffer.append("\"value\":\(PrometheusText.value(reading.value, family.definition))")
                }
                buffer.append("}")
            }
        }
        buffer.append("]}\n")
    }

    private static func name(_ family: MetricFamily, _ reading: MetricReading) -> String {
        let labels = PrometheusText.labels(family.definition, reading)
        return labels.isEmpty ? family.definition.name : "\(family.definition.name){\(labels)}"
    }

    private static func appendBuckets(
        _ definition: MetricDefinition, _ reading: MetricReading, to buffer: ByteBuffer
    ) {
        let sum = PrometheusText.number(reading.value, definition.divisor)
        buffer.append("\"count\":\(reading.count),\"sum\":\(sum),\"buckets\":[")
        var total: UInt64 = 0
        for (index, count) in reading.buckets.enumerated() {
            total &+= count
            let bound =
                index < definition.bounds.count
                ? PrometheusText.number(definition.bounds[index], definition.divisor) : "\"+Inf\""
            buffer.append("\(index == 0 ? "" : ",")[\(bound),\(total)]")
        }
        buffer.append("]")
    }

    /// The upper bound of the bucket that holds the quantile, as `<=5` or `>3600000`.
    static func quantile(_ definition: MetricDefinition, _ reading: MetricReading, _ percent: Int) -> String {
        let (quotient, remainder) = reading.count.quotientAndRemainder(dividingBy: 100)
        // Rounded up, so that P99 of one value is that value's bucket.
        let rank = quotient * UInt64(percent) + (remainder * UInt64(percent) + 99) / 100
        var total: UInt64 = 0
        for (bound, count) in zip(definition.bounds, reading.buckets) {
            total &+= count
            if total >= rank { return "<=" + PrometheusText.number(bound, definition.divisor) }
        }
        return ">" + PrometheusText.number(definition.bounds.last ?? 0, definition.divisor)
    }
}
