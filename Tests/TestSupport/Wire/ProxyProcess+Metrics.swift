internal import Foundation

// What a gateway counts, as Prometheus reads it.

extension ProxyProcess {
    /// The value of a series, written as the gateway writes it: `name{label="value"}`.
    public func metric(_ series: String) throws -> Double? {
        let lines = try self.admin("/stats/prometheus").text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix("\(series) ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// The sum of all series of a metric that have these labels among theirs.
    public func sum(_ metric: String, _ labels: [String: String]) throws -> Int {
        let lines = try self.admin("/stats/prometheus").text.split(separator: "\n")
        let wanted = labels.map { "\($0)=\"\($1)\"" }
        return lines.filter { line in line.hasPrefix("\(metric){") && wanted.allSatisfy { line.contains($0) }
        }
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        .reduce(0) { $0 + Int($1) }
    }
}
