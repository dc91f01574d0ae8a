public import CPosternABI
internal import Glibc

/// What an instance made of one request, for the length of one call.
public struct Record: ~Escapable {
    // SAFETY: the host keeps the record until the call returns; the lifetime of a Record ends before that.
    @usableFromInline let pointer: UnsafePointer<postern_record>
    /// On the monotonic clock; 0: none.
    @usableFromInline let deadline: UInt64

    @inlinable
    @_lifetime(borrow pointer)
    init(_ pointer: UnsafePointer<postern_record>, deadline: UInt64 = 0) {
        self.pointer = pointer
        self.deadline = deadline
    }

    /// What the records of its instance look like.
    @inlinable public var shape: Shape {
        @_lifetime(copy self) get {
            return _overrideLifetime(Shape(self.pointer.pointee.shape), copying: self)
        }
    }
    /// When it was made.
    @inlinable public var time: Timestamp { Timestamp(nanoseconds: self.pointer.pointee.time_ns) }
    /// Values in it: as many as the shape has columns.
    @inlinable public var count: Int { self.pointer.pointee.shape.pointee.column_count }
    /// Of a check, a quota or attributes: how long an answer is still waited for, never less than nothing;
    /// nil when nobody gives up. Use it to bound what the adapter itself waits for.
    public var timeLeft: Duration? { remaining(until: self.deadline) }

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
            start: Timestamp(nanoseconds: series.start_ns), value: series.value,
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
    private let outcomes: UnsafeMutablePointer<postern_outcome>
    private let answer: UnsafeMutablePointer<postern_report_answer>

    init(
        _ pointer: UnsafePointer<postern_batch>, _ outcomes: UnsafeMutablePointer<postern_outcome>,
        _ answer: UnsafeMutablePointer<postern_report_answer>
    ) {
        self.pointer = pointer
        self.outcomes = outcomes
        self.answer = answer
    }

    /// Records in it; may be none in the last one.
    @inlinable public var count: Int { self.pointer.pointee.count }
    /// How often the first of these was given before; others may be newer.
    public var attempt: Int { Int(self.pointer.pointee.attempt) }
    /// The handler is closed after this: pass on all that is kept.
    public var isLast: Bool { self.pointer.pointee.flags & POSTERN_BATCH_LAST != 0 }
    /// How long the host still waits, never less than nothing; nil when it does not give up. It does when the
    /// handler is being closed.
    public var timeLeft: Duration? { remaining(until: self.pointer.pointee.deadline_ns) }

    /// One record; those of a worker stand in the order in which they were made.
    @inlinable public subscript(index: Int) -> Record {
        @_lifetime(borrow self) get {
            precondition(index >= 0 && index < self.count, "no such record")
            // SAFETY: records lie as far apart as the batch says, whatever this SDK knows of them.
            let record =
                UnsafeRawPointer(self.pointer.pointee.records)
                + index * self.pointer.pointee.record_bytes
            return _overrideLifetime(
                Record(record.assumingMemoryBound(to: postern_record.self)), borrowing: self)
        }
    }

    /// The record will never be taken; it is counted as lost.
    public func refuse(_ index: Int) { self.set(index, postern_outcome(POSTERN_OUTCOME_REFUSED)) }

    /// The record should come again later.
    ///
    /// - Parameter after: How long the backend wants to be left alone; zero: as the host likes. The longest
    ///   of the batch counts.
    public func giveAgain(_ index: Int, after: Duration = .zero) {
        self.set(index, postern_outcome(POSTERN_OUTCOME_AGAIN))
        self.answer.pointee.retry_after_ns = max(self.answer.pointee.retry_after_ns, after.abiNanoseconds)
    }

    private func set(_ index: Int, _ outcome: postern_outcome) {
        precondition((0..<self.count).contains(index), "no such record")
        self.outcomes[index] = outcome
    }
}

/// How long it is until `deadline` on the monotonic clock; nil for 0.
private func remaining(until deadline: UInt64) -> Duration? {
    guard deadline != 0 else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    return .nanoseconds(Int64(clamping: deadline > nanoseconds ? deadline - nanoseconds : 0))
}
