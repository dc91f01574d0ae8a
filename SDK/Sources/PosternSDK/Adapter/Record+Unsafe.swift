public import CPosternABI

/// What an instance made of one request, for the length of one call.
public struct Record: ~Escapable {
    // SAFETY: the host keeps the record until the call returns; the lifetime of a Record ends before that.
    @usableFromInline let pointer: UnsafePointer<postern_record>

    @inlinable
    @_lifetime(borrow pointer)
    init(_ pointer: UnsafePointer<postern_record>) { self.pointer = pointer }

    /// What the records of its instance look like.
    @inlinable public var shape: Shape { Shape(self.pointer.pointee.shape) }
    /// When it was made.
    @inlinable public var time: Timestamp {
        Timestamp(nanoseconds: Int64(bitPattern: self.pointer.pointee.time_ns))
    }
    /// Values in it: as many as the shape has columns.
    @inlinable public var count: Int { self.shape.count }

    /// The value of a column.
    @inlinable public subscript(index: Int) -> Value {
        @_lifetime(copy self) get {
            precondition(index >= 0 && index < self.count, "no such value")
            return _overrideLifetime(Value(self.pointer.pointee.values[index]), copying: self)
        }
    }

    /// The value of a column as text, as ``Value/append(to:)`` writes it; nil when absent. Allocates.
    public func text(_ index: Int) -> String? {
        let value = self[index]
        if case .absent = value { return nil }
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of the column called `name` as text; nil when there is none, or it is absent. Allocates.
    public func text(named name: String) -> String? { self.shape.column(name).flatMap { self.text($0) } }

    /// What a metric's series holds; nil for other templates.
    public var series: SeriesValue? {
        guard let series = self.pointer.pointee.series?.pointee else { return nil }
        let buckets = series.buckets.map {
            Array(UnsafeBufferPointer(start: $0, count: self.pointer.pointee.shape.pointee.bound_count + 1))
        }
        return SeriesValue(
            start: Timestamp(nanoseconds: Int64(bitPattern: series.start_ns)), value: series.value,
            count: series.count, buckets: buckets ?? [])
    }
}

/// What a series of a metric holds.
public struct SeriesValue: Sendable, Hashable {
    /// Since when it was counted.
    public let start: Timestamp
    /// A counter's or gauge's; a histogram's sum.
    public let value: Double
    /// A histogram's observations.
    public let count: UInt64
    /// How many fell into each bucket of a histogram, not summed; one more than there are bounds.
    public let buckets: [UInt64]

    /// What a series holds.
    public init(start: Timestamp, value: Double, count: UInt64 = 0, buckets: [UInt64] = []) {
        self.start = start
        self.value = value
        self.count = count
        self.buckets = buckets
    }
}

/// Records to report, for the length of one call.
public struct Batch: ~Copyable {
    // SAFETY: the host keeps the batch and the outcomes, one for each record, until the call returns.
    @usableFromInline let pointer: UnsafePointer<postern_batch>
    @usableFromInline let outcomes: UnsafeMutablePointer<postern_outcome>

    @usableFromInline
    init(_ pointer: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>) {
        self.pointer = pointer
        self.outcomes = outcomes
    }

    /// Records in it; may be none in the last one.
    @inlinable public var count: Int { self.pointer.pointee.count }
    /// How often these were given before.
    public var attempt: Int { Int(self.pointer.pointee.attempt) }
    /// The handler is closed after this: pass on all that is kept.
    public var isLast: Bool { self.pointer.pointee.is_last != 0 }

    /// One record; those of a worker stand in the order in which they were made.
    @inlinable public subscript(index: Int) -> Record {
        @_lifetime(borrow self) get {
            precondition(index >= 0 && index < self.count, "no such record")
            return _overrideLifetime(Record(self.pointer.pointee.records + index), borrowing: self)
        }
    }

    /// The record will never be taken; it is counted as lost.
    public func refuse(_ index: Int) { self.set(index, 2) }

    /// The record should come again later.
    public func giveAgain(_ index: Int) { self.set(index, 1) }

    private func set(_ index: Int, _ outcome: postern_outcome) {
        precondition((0..<self.count).contains(index), "no such record")
        self.outcomes[index] = outcome
    }
}
