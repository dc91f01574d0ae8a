public import PosternSDK

/// What was added to series since it was passed on last, for backends that count on.
public struct SeriesDeltas {
    private var passedOn: [[UInt8]: SeriesValue] = [:]

    /// Nothing was passed on yet.
    public init() {}

    /// What is new: all of it for a series that is new, or began again.
    public func delta(of series: SeriesValue, _ key: [UInt8]) -> SeriesValue {
        guard let old = self.passedOn[key], old.start == series.start, old.value <= series.value,
            old.count <= series.count, old.buckets.count == series.buckets.count
        else { return series }
        return SeriesValue(
            start: series.start, value: series.value - old.value, count: series.count - old.count,
            buckets: zip(series.buckets, old.buckets).map { $0 >= $1 ? $0 - $1 : $0 })
    }

    /// The backend has it now.
    public mutating func commit(_ series: SeriesValue, _ key: [UInt8]) { self.passedOn[key] = series }
}
