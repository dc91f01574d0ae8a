internal import PluginSupport
internal import PosternSDK

/// Makes the text of a scrape, and remembers which series were there.
final class Exposition: Sendable {
    /// How the text is written.
    enum Format: Sendable {
        /// Prometheus' own, version 0.0.4.
        case text
        /// OpenMetrics 1.0.
        case openMetrics

        var contentType: String {
            switch self {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// OpenMetrics for those that name it, whatever they like better: who names it reads it.
        init(accept: String) {
            self = .text
            for range in accept.lowercased().split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
                guard parts.first == "application/openmetrics-text" else { continue }
                let weight = parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
                if weight > 0 { self = .openMetrics }
            }
        }
    }

    private struct Known {
        var value: Double
        var count: UInt64
        var changedAt: Int64
        var scrape: Int
        let shape: Int
        var isExpired = false
    }
    private struct State {
        var known: [[UInt8]: Known] = [:]
        /// Series shown, by the shape's number.
        var counts: [Int: Int] = [:]
        var scrape = 0
    }

    private let host: HandlerHost
    private let prefix: String
    private let limit: Int
    private let expiry: Int64?
    private let leftOut: HandlerCounter
    private let state = Lock(State())

    /// - Parameters:
    ///   - limit: Series of one metric.
    ///   - expiry: Nanoseconds without a change until a series is not shown; nil: for ever.
    init(_ host: HandlerHost, prefix: String, limit: Int, expiry: Int64?, leftOut: HandlerCounter) {
        self.host = host
        self.prefix = prefix
        self.limit = limit
        self.expiry = expiry
        self.leftOut = leftOut
    }

    /// All series as they are now.
    func text(_ format: Format, now: Int64) -> [UInt8] {
        self.state.withLock { state in
            state.scrape += 1
            var families: [Int: Family] = [:]
            var names: Set<String> = []
            var leftOut: [Int: Int] = [:]
            self.host.collect { record in
                let shape = record.shape
                let number = shape.number
                if families[number] == nil {
                    let family = Family(shape, prefix: self.prefix, taken: names)
                    names.insert(family.name)
                    families[number] = family
                    leftOut[number] = 0
                }
                guard let series = record.series else { return }
                var key: [UInt8] = []
                key.append(seriesKeyOf: record)
                switch self.admit(key, number, series, &state, now) {
                case .shown: families[number]?.add(record, series)
                case .expired: break
                case .beyondLimit: leftOut[number, default: 0] += 1
                }
            }
            self.forgetGone(&state)
            return self.page(families, leftOut, format)
        }
    }

    private enum Admission { case shown, expired, beyondLimit }

    private func admit(
        _ key: [UInt8], _ shape: Int, _ series: SeriesValue, _ state: inout State, _ now: Int64
    ) -> Admission {
        if var known = state.known[key] {
            known.scrape = state.scrape
            if known.value != series.value || known.count != series.count {
                known.value = series.value
                known.count = series.count
                known.changedAt = now
            }
            let isOld = self.expiry.map { now - known.changedAt >= $0 } ?? false
            if isOld != known.isExpired {
                // One that comes back has to find room again.
                if !isOld, state.counts[shape, default: 0] >= self.limit { return .beyondLimit }
                known.isExpired = isOld
                state.counts[shape, default: 0] += isOld ? -1 : 1
            }
            state.known[key] = known
            return isOld ? .expired : .shown
        }
        if state.counts[shape, default: 0] >= self.limit { return .beyondLimit }
        state.counts[shape, default: 0] += 1
        state.known[key] = Known(
            value: series.value, count: series.count, changedAt: now, scrape: state.scrape, shape: shape)
        return .shown
    }

    /// Forgets series that the host does not have any more.
    private func forgetGone(_ state: inout State) {
        for (key, known) in state.known where known.scrape != state.scrape {
            if !known.isExpired { state.counts[known.shape, default: 0] -= 1 }
            state.known[key] = nil
        }
    }

    private func page(_ families: [Int: Family], _ leftOut: [Int: Int], _ format: Format) -> [UInt8] {
        var out: [UInt8] = []
        for family in families.values.sorted(by: { $0.name < $1.name }) { family.append(format, to: &out) }
        if !families.isEmpty {
            let name = "postern_prometheus_left_out_series"
            out.append(contentsOf: "# HELP \(name) Series beyond maxSeries, which are not shown.\n".utf8)
            out.append(contentsOf: "# TYPE \(name) gauge\n".utf8)
            for (number, family) in families.sorted(by: { $0.value.name < $1.value.name }) {
                let count = leftOut[number] ?? 0
                self.leftOut.add(count)
                out.append(contentsOf: "\(name){metric=\"\(family.name)\"} \(count)\n".utf8)
            }
        }
        if format == .openMetrics { out.append(contentsOf: "# EOF\n".utf8) }
        return out
    }
}
