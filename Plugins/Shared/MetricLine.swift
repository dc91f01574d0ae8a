public import PosternSDK

/// Series as JSON: `{"metric":"requests","kind":"counter","timestamp":…,"labels":{…},"value":12}`.
public enum MetricLine {
    /// Appends a line with its end.
    public static func append(_ record: Record, to buffer: LineBuffer) {
        guard let series = record.series else { return }
        let shape = record.shape
        buffer.append(#"{"metric":"#)
        buffer.append(jsonString: Array(shape.name.utf8).span)
        buffer.append(
            shape.series == .histogram
                ? #","kind":"histogram","timestamp":""#
                : shape.series == .counter
                    ? #","kind":"counter","timestamp":""# : #","kind":"gauge","timestamp":""#
        )
        buffer.append(record.time)
        buffer.append(#"","start":""#)
        buffer.append(series.start)
        buffer.append(0x22)
        if !shape.unit.isEmpty {
            buffer.append(#","unit":"#)
            buffer.append(jsonString: Array(shape.unit.utf8).span)
        }
        buffer.append(#","labels":{"#)
        self.appendLabels(record, to: buffer)
        buffer.append(0x7D)
        if shape.series == .histogram {
            self.appendBuckets(series, shape.bounds, to: buffer)
        } else {
            buffer.append(#","value":"#)
            buffer.append(json: series.value)
        }
        buffer.append("}\n")
    }

    private static func appendLabels(_ record: Record, to buffer: LineBuffer) {
        var isFirst = true
        for (index, name) in record.shape.columnNames.enumerated() {
            if case .absent = record[index] { continue }
            if !isFirst { buffer.append(0x2C) }
            isFirst = false
            buffer.append(jsonString: Array(name.utf8).span)
            buffer.append(0x3A)
            buffer.append(json: record[index])
        }
    }

    /// Not summed: each says how many fell between its bound and the one before.
    private static func appendBuckets(_ series: SeriesValue, _ bounds: [Double], to buffer: LineBuffer) {
        buffer.append(#","count":"#)
        buffer.append(number: Int64(clamping: series.count))
        buffer.append(#","sum":"#)
        buffer.append(json: series.value)
        buffer.append(#","buckets":["#)
        for (index, count) in series.buckets.enumerated() {
            if index > 0 { buffer.append(0x2C) }
            buffer.append(#"{"le":"#)
            if index < bounds.count { buffer.append(json: bounds[index]) } else { buffer.append("\"+Inf\"") }
            buffer.append(#","count":"#)
            buffer.append(number: Int64(clamping: count))
            buffer.append(0x7D)
        }
        buffer.append(0x5D)
    }
}
