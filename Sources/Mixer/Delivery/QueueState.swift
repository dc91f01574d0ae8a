internal import Adapting
internal import Primitives

/// What the pipeline's thread and the handler's share.
struct QueueState: Sendable {
    let memory: MemoryQueue
    /// Of `onFull: spool`, once it could be opened; until then memory takes its place.
    var spool: Spool?
    /// By the handler's number of them, which is what queued records name.
    var shapes: [RecordShape] = []
    private var numbers: [ShapeContent: UInt32] = [:]
    /// Of the batch that is being made or given.
    var batchRecords = 0
    var batchFootprint = 0
    var batchOldest: UInt64?
    var health = DeliveryStatus.Health.healthy
    var lastProblem = ""
    var lastProblemTime: WallTime?
    /// No record is taken any more.
    var isClosed = false
    /// Gets what comes when it is closed.
    var successor: HandlerDelivery?

    /// What makes two shapes the same.
    private struct ShapeContent: Hashable {
        let template: Template
        let name: String
        let columns: [RecordColumn]
        let series: SeriesDefinition?
    }

    init(limit: ByteCount) { self.memory = MemoryQueue(limit: limit) }

    /// The number of a shape with the same content; `shape` is kept when it is the first.
    mutating func number(of shape: RecordShape) -> UInt32 {
        let content = ShapeContent(
            template: shape.template, name: shape.name, columns: shape.columns, series: shape.series)
        if let known = self.numbers[content] { return known }
        let number = UInt32(self.shapes.count)
        self.shapes.append(shape)
        self.numbers[content] = number
        return number
    }

    var records: Int { self.memory.records + self.batchRecords + (self.spool?.unread ?? 0) }
    var bytes: Int { self.memory.footprint + self.batchFootprint + (self.spool?.bytes ?? 0) }
    var oldestTime: UInt64? { self.batchOldest ?? self.memory.oldestTime }
}
