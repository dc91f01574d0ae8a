public import Primitives

/// How a handler's records wait, and how they are given to it.
public struct DeliveryOptions: Sendable, Hashable {
    /// What holds records that the handler has not taken yet.
    public enum OnFull: String, Sendable, Hashable, CaseIterable {
        /// Memory; what finds it full is dropped and counted.
        case drop
        /// Files, which survive the process.
        case spool
    }

    /// Default `drop`.
    public var onFull: OnFull = .drop
    /// The most memory of records that wait and are under way, bookkeeping included.
    ///
    /// Default 16 MiB; at least 64 KiB.
    public var queueLimit: ByteCount = .mebibytes(16)
    /// The most records of a batch.
    ///
    /// Default 500; at least 1.
    public var batchRecords = 500
    /// How long a batch waits for more records.
    ///
    /// Default 1 s; zero: not at all.
    public var batchInterval: Duration = .seconds(1)
    /// The pause after a first failure; it doubles with each further one.
    ///
    /// Default 500 ms.
    public var retryInitial: Duration = .milliseconds(500)
    /// The longest pause.
    ///
    /// Default 30 s.
    public var retryLimit: Duration = .seconds(30)
    /// Where spools are; that of a handler is a folder of its name in it.
    public var spoolPath = ""
    /// The most bytes of segments of one handler's spool.
    ///
    /// Default 1 GiB; at least 16 MiB.
    public var spoolLimit: ByteCount = .gibibytes(1)
    /// How often the handler's series are reported to it; nil: never.
    public var metricInterval: Duration?

    public init() {}
}
