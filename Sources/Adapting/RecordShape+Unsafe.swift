public import CPosternABI
internal import Synchronization

/// One value of each record of an instance.
public struct RecordColumn: Sendable, Hashable {
    public var name: String
    /// Of every value that is not absent.
    public var type: RecordValueType

    public init(_ name: String, _ type: RecordValueType) {
        self.name = name
        self.type = type
    }
}

public enum RecordValueType: UInt32, Sendable, Hashable, CaseIterable {
    /// Of any type.
    case any = 0
    case string, int64, double, bool, timestamp, duration, ipAddress
}

/// How a metric is counted.
public struct SeriesDefinition: Sendable, Hashable {
    /// As the ABI numbers them.
    public enum Kind: UInt32, Sendable, Hashable {
        case counter = 1
        case gauge, histogram
    }
    public var kind: Kind
    public var help: String
    public var unit: String
    /// Upper bounds of a histogram, ascending.
    public var bounds: [Double]

    public init(kind: Kind, help: String = "", unit: String = "", bounds: [Double] = []) {
        self.kind = kind
        self.help = help
        self.unit = unit
        self.bounds = bounds
    }
}

/// What the records of one instance look like, as adapters see it.
public final class RecordShape: @unchecked Sendable {
    // SAFETY: everything behind `abi` is allocated in init, written there alone and freed in deinit.
    /// For calls of an adapter; lives as long as this object.
    public let abi: UnsafePointer<postern_shape>
    public let template: Template
    /// The instance's name.
    public let name: String
    public let columns: [RecordColumn]
    /// Of a metric.
    public let series: SeriesDefinition?
    private let texts: UnsafeMutablePointer<UInt8>
    private let columnMemory: UnsafeMutablePointer<postern_column>
    private let boundMemory: UnsafeMutablePointer<Double>

    /// Numbers are unique in the process.
    private static let made = Atomic<UInt32>(0)

    public init(_ template: Template, name: String, columns: [RecordColumn], series: SeriesDefinition? = nil)
    {
        self.template = template
        self.name = name
        self.columns = columns
        self.series = series
        let strings = [name, series?.help ?? "", series?.unit ?? ""] + columns.map(\.name)
        let texts = UnsafeMutablePointer<UInt8>.allocate(
            capacity: max(strings.reduce(0) { $0 + $1.utf8.count }, 1))
        var end = 0
        let views = strings.map { text in
            let start = texts + end
            for byte in text.utf8 {
                (texts + end).initialize(to: byte)
                end += 1
            }
            return postern_bytes(ptr: UnsafePointer(start), len: text.utf8.count)
        }
        self.texts = texts
        self.columnMemory = .allocate(capacity: max(columns.count, 1))
        for (index, column) in columns.enumerated() {
            (self.columnMemory + index).initialize(
                to: postern_column(name: views[3 + index], type: column.type.rawValue, reserved: 0))
        }
        let bounds = series?.bounds ?? []
        self.boundMemory = .allocate(capacity: max(bounds.count, 1))
        self.boundMemory.initialize(from: bounds, count: bounds.count)
        var shape = postern_shape()
        shape.size = MemoryLayout<postern_shape>.size
        shape.number = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
        shape.template_id = template.rawValue
        shape.name = views[0]
        shape.columns = UnsafePointer(self.columnMemory)
        shape.column_bytes = MemoryLayout<postern_column>.stride
        shape.column_count = columns.count
        shape.metric_kind = series?.kind.rawValue ?? postern_metric_kind(POSTERN_METRIC_NONE)
        shape.help = views[1]
        shape.unit = views[2]
        shape.bounds = UnsafePointer(self.boundMemory)
        shape.bound_count = bounds.count
        let memory = UnsafeMutablePointer<postern_shape>.allocate(capacity: 1)
        memory.initialize(to: shape)
        self.abi = UnsafePointer(memory)
    }

    /// The same with a number of its own.
    public convenience init(copying other: RecordShape) {
        self.init(other.template, name: other.name, columns: other.columns, series: other.series)
    }

    /// Whether adapters see the same in both, but for the number.
    public func isAlike(_ other: RecordShape) -> Bool {
        self.template == other.template && self.name == other.name && self.columns == other.columns
            && self.series == other.series
    }

    deinit {
        self.abi.deallocate()
        self.texts.deallocate()
        self.columnMemory.deallocate()
        self.boundMemory.deallocate()
    }
}

extension postern_record {
    /// - Parameters:
    ///   - shape: Kept by the caller until nobody reads the record any more, as `values` and `series` are.
    ///   - time: Nanoseconds since 1970.
    public init(
        _ shape: UnsafePointer<postern_shape>, _ values: UnsafePointer<postern_value>?, time: UInt64,
        series: UnsafePointer<postern_series_value>? = nil
    ) {
        self.init(
            size: MemoryLayout<postern_record>.size, shape: shape, values: values,
            time_ns: Int64(clamping: time), series: series, flags: 0, reserved: 0)
    }
}

extension postern_value {
    /// The bytes of a text or an address; nil for values of other types.
    @inline(__always)
    public var text: postern_bytes? {
        switch RecordValueType(rawValue: self.type) {
        case .string, .ipAddress: self.bytes
        default: nil
        }
    }
}
