internal import Primitives

/// What only a handler's thread has.
struct DeliveryWork: Sendable {
    let batch: DeliveryBatch
    let seriesBatch = SeriesBatch()
    var backoff: RetryBackoff
    /// The batch is to be given again as it is.
    var isFrozen = false
    /// Not before.
    var nextTry = MonotonicTime(nanoseconds: 0)
    /// When the batch goes even though it is not full.
    var batchDue = MonotonicTime(nanoseconds: 0)
    /// When the handler's `tick` was called last.
    var lastTick = MonotonicTime(nanoseconds: 0)
    var nextSeries = MonotonicTime(nanoseconds: .max)
    var isClosing = false
    /// When the spool is tried to be opened again.
    var nextOpening = MonotonicTime(nanoseconds: .max)
    /// The handler before this one has the spool yet; nothing is delivered until it lets go, for the order.
    var awaitsSpool = false
    /// How often the spool that was let go was found still in use.
    var openings = 0

    /// The most bytes of a batch and of what is made of it; a block of a spool takes more.
    static let largestBatch = 2 * 1024 * 1024

    init(_ options: DeliveryOptions, random: RandomSource) {
        // A quarter of the memory, and as much again while it grows.
        let bytes = min(max(options.queueLimit.bytes / 4, 4096), Self.largestBatch)
        self.batch = DeliveryBatch(limit: options.batchRecords, byteLimit: bytes)
        self.backoff = RetryBackoff(
            initial: options.retryInitial, limit: options.retryLimit, random: random)
    }
}
