public import Primitives

/// The text format that Prometheus scrapes (exposition format 0.0.4).
public enum PrometheusText {
    /// For the `content-type` field.
    public static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    /// Appends all metrics that have series. For the admin thread.
    public static func render(_ registry: MetricRegistry, to buffer: ByteBuffer) {
        for family in registry.read() { self.render(family, to: buffer) }
    }

    private static func render(_ family: MetricFamily, to buffer: ByteBuffer) {
        let definition = family.definition
        buffer.append("# HELP \(definition.name) \(self.escaped(definition.help, quotes: false))\n")
        buffer.append("# TYPE \(definition.name) \(definition.kind.name)\n")
        let bounds = definition.bounds.map { self.number($0, definition.divisor) } + ["+Inf"]
        for reading in family.series {
            let labels = self.labels(definition, reading)
            guard definition.kind == .histogram else {
                let value = self.value(reading.value, definition)
                buffer.append("\(definition.name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n")
                continue
            }
            let before = labels.isEmpty ? "" : labels + ","
            var total: UInt64 = 0
            for (bound, count) in zip(bounds, reading.buckets) {
                total &+= count
                buffer.append("\(definition.name)_bucket{\(before)le=\"\(bound)\"} \(total)\n")
            }
            let after = labels.isEmpty ? "" : "{\(labels)}"
            buffer.append(
                "\(definition.name)_sum\(after) \(self.number(reading.value, definition.divisor))\n")
            buffer.append("\(definition.name)_count\(after) \(total)\n")
        }
    }

    /// `name="value",…`.
    static func labels(_ definition: MetricDefinition, _ reading: MetricReading) -> String {
        zip(definition.labels, reading.labels).map { "\($0)=\"\(self.escaped($1, quotes: true))\"" }
            .joined(separator: ",")
    }

    /// A gauge is the sum of what workers added and took away, so it may be negative.
    static func value(_ value: UInt64, _ definition: MetricDefinition) -> String {
        guard definition.kind == .gauge, Int64(bitPattern: value) < 0 else {
            return self.number(value, definition.divisor)
        }
        return "-" + self.number(Int64(bitPattern: value).magnitude, definition.divisor)
    }

    /// `value / divisor`, exact where the quotient has at most nine decimal places.
    static func number(_ value: UInt64, _ divisor: UInt64) -> String {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: divisor)
        if rest == 0 { return String(whole) }
        var digits = ""
        var remainder = UInt128(rest)
        while remainder > 0, digits.utf8.count < 9 {
            remainder *= 10
            digits += String(remainder / UInt128(divisor))
            remainder %= UInt128(divisor)
        }
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits.isEmpty ? String(whole) : "\(whole).\(digits)"
    }

    /// Backslash, line feed and, in label values, the quote are escaped.
    static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension MetricKind {
    /// As in `# TYPE`.
    var name: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
