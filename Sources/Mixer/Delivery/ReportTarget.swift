internal import Telemetry

/// Where records of one shape go; what a rule holds.
///
/// Lives as long as somebody may append to it: when the last reference is gone, what was appended is still
/// delivered, and then its number is forgotten. It may be let go on any thread.
public final class ReportTarget: Sendable {
    /// No other target of the process has it.
    let number: UInt32
    /// What a worker counts, for each handler, when a record is not taken.
    let ringFull: [MetricSeries]
    let tooLarge: [MetricSeries]
    private let pipeline: ReportPipeline

    init(number: UInt32, ringFull: [MetricSeries], tooLarge: [MetricSeries], _ pipeline: ReportPipeline) {
        self.number = number
        self.ringFull = ringFull
        self.tooLarge = tooLarge
        self.pipeline = pipeline
    }

    deinit { self.pipeline.retire(self.number) }
}
