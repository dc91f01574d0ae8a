public import CPosternABI

/// What the records of one instance look like; may be kept while the handler lives.
public struct Shape: @unchecked Sendable {
    // SAFETY: postern_adapter.h: the host keeps shapes, unchanged, as long as the handler lives.
    @usableFromInline let pointer: UnsafePointer<postern_shape>

    @inlinable
    init(_ pointer: UnsafePointer<postern_shape>) { self.pointer = pointer }

    /// No other shape of this handler has it.
    @inlinable public var number: Int { Int(self.pointer.pointee.number) }
    /// What the instance is made by.
    public var template: Template { Template(number: self.pointer.pointee.form) }
    /// The instance's name.
    public var name: String { self.pointer.pointee.name.text }
    /// Values in each record: the template's own, then those that the configuration names.
    @inlinable public var count: Int { self.pointer.pointee.column_count }
    /// How a metric is counted.
    public var series: SeriesKind { SeriesKind(number: self.pointer.pointee.series_kind) }
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
    public var columnNames: [String] { (0..<self.count).map(self.columnName) }

    /// Where the value called `name` stands; nil when there is none.
    public func column(_ name: String) -> Int? { (0..<self.count).first { self.columnName($0) == name } }

    private func column(_ index: Int) -> postern_column {
        precondition((0..<self.count).contains(index), "the records have \(self.count) values")
        return self.pointer.pointee.columns[index]
    }
}

/// How a metric is counted.
public struct SeriesKind: Sendable, Hashable {
    let number: UInt32
    /// A number that goes up and down.
    public static let gauge = SeriesKind(number: 0)
    /// A number that only grows.
    public static let counter = SeriesKind(number: 1)
    /// Values counted by size.
    public static let histogram = SeriesKind(number: 2)
}
