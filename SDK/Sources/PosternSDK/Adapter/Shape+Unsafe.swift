public import CPosternABI

/// What the records of one instance look like, for the length of one call; what is kept of it is kept by its
/// ``number``.
public struct Shape: ~Escapable {
    // SAFETY: as Record's.
    @usableFromInline let pointer: UnsafePointer<postern_shape>

    @inlinable
    @_lifetime(borrow pointer)
    init(_ pointer: UnsafePointer<postern_shape>) { self.pointer = pointer }

    /// In one handler always that of the same shape, never used again for another.
    @inlinable public var number: Int { Int(self.pointer.pointee.number) }
    /// What the instance is made by.
    public var template: Template { Template(number: self.pointer.pointee.template_id) }
    /// The instance's name.
    public var name: String { self.pointer.pointee.name.text }
    /// Values in each record: the template's own, then those that the configuration names.
    @inlinable public var count: Int { self.pointer.pointee.column_count }
    /// How a metric is counted.
    public var series: SeriesKind { SeriesKind(number: self.pointer.pointee.metric_kind) }
    /// What a metric means; may be empty.
    public var help: String { self.pointer.pointee.help.text }
    /// A metric's unit, such as `ms`; may be empty.
    public var unit: String { self.pointer.pointee.unit.text }
    /// Upper bounds of a histogram, ascending.
    public var bounds: [Double] {
        let shape = self.pointer.pointee
        return Array(UnsafeBufferPointer(start: shape.bounds, count: shape.bound_count))
    }

    /// The name of the value at `index`; allocates.
    public func columnName(_ index: Int) -> String { self.column(index).name.text }

    /// The type of the values at `index`.
    public func columnType(_ index: Int) -> ValueType { ValueType(number: self.column(index).type) }

    /// All names; allocates. Keep them by ``number`` instead of asking for each record.
    public var columnNames: [String] {
        var names: [String] = []
        for index in 0..<self.count { names.append(self.columnName(index)) }
        return names
    }

    /// Where the value called `name` stands; nil when there is none.
    public func column(_ name: String) -> Int? {
        for index in 0..<self.count where self.columnName(index) == name { return index }
        return nil
    }

    private func column(_ index: Int) -> postern_column {
        precondition((0..<self.count).contains(index), "the records have \(self.count) values")
        // SAFETY: columns lie as far apart as the shape says, whatever this SDK knows of them.
        let column =
            UnsafeRawPointer(self.pointer.pointee.columns) + index * self.pointer.pointee.column_bytes
        return column.assumingMemoryBound(to: postern_column.self).pointee
    }
}

/// How a metric is counted.
public struct SeriesKind: Sendable, Hashable {
    let number: UInt32
    /// A number that goes up and down.
    public static let gauge = SeriesKind(number: UInt32(POSTERN_METRIC_GAUGE))
    /// A number that only grows.
    public static let counter = SeriesKind(number: UInt32(POSTERN_METRIC_COUNTER))
    /// Values counted by size.
    public static let histogram = SeriesKind(number: UInt32(POSTERN_METRIC_HISTOGRAM))
}
