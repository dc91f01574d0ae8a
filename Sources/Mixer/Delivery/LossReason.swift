/// Why a record did not reach its handler; the label `reason` of `postern_mixer_records_lost_total`.
public enum LossReason: String, Sendable, Hashable, CaseIterable {
    /// The worker's ring had no room.
    case ringFull = "ring_full"
    /// The record was longer than ``ReportRing/recordLimit``.
    case tooLarge = "too_large"
    /// The memory of `onFull: drop` was used up.
    case queueFull = "queue_full"
    /// The handler said that it never takes the record.
    case refused
    /// The process, or the handler, ended before it was delivered.
    case shutdown
    /// The spool was as large as it may be.
    case spoolFull = "spool_full"
    /// The spool could not be written or read.
    case spoolError = "spool_error"
    /// The spool's bytes were not those that were written.
    case corrupt
}
