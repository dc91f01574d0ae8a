internal import CPosternABI

/// What an instance is made by.
public struct Template: Sendable, Hashable, CustomStringConvertible {
    /// Its number in the ABI.
    public let number: UInt32

    init(_ number: Int) { self.number = UInt32(number) }
    init(number: UInt32) { self.number = number }

    /// Series of numbers.
    public static let metric = Template(1)
    /// Lines of a log.
    public static let logEntry = Template(2)
    /// Spans of a trace.
    public static let traceSpan = Template(3)
    /// Who called whom.
    public static let edge = Template(4)
    /// That something happened.
    public static let reportNothing = Template(5)
    /// Whether a request may pass, whatever it is.
    public static let checkNothing = Template(6)
    /// Whether a value is in a list.
    public static let listEntry = Template(7)
    /// Whether a subject may do something.
    public static let authorization = Template(8)
    /// Whether a key is valid.
    public static let apiKey = Template(9)
    /// How much of something may be used.
    public static let quota = Template(10)
    /// Attributes made of attributes.
    public static let attributes = Template(11)

    private static let names = [
        "", "metric", "logentry", "tracespan", "edge", "reportnothing", "checknothing", "listentry",
        "authorization", "apikey", "quota", "attributes",
    ]

    /// The spelling in configurations; a number for one that this SDK does not know.
    public var description: String {
        self.number < Self.names.count ? Self.names[Int(self.number)] : "template \(self.number)"
    }
}

/// A set of templates.
public struct Templates: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// A bit for each, as the ABI has it.
    public let bits: UInt64

    /// These.
    public init(arrayLiteral templates: Template...) {
        self.bits = templates.reduce(0) { $0 | 1 << UInt64($1.number) }
    }

    /// Whether `template` is one of them.
    public func contains(_ template: Template) -> Bool { self.bits & 1 << UInt64(template.number) != 0 }
}

/// The type of a column's values.
public struct ValueType: Sendable, Hashable {
    let number: UInt32

    /// Anything.
    public static let any = ValueType(number: 0)
    /// Text, or bytes.
    public static let string = ValueType(number: 1)
    /// A whole number.
    public static let int64 = ValueType(number: 2)
    /// A number.
    public static let double = ValueType(number: 3)
    /// True or false.
    public static let bool = ValueType(number: 4)
    /// Nanoseconds since 1970.
    public static let timestamp = ValueType(number: 5)
    /// Nanoseconds.
    public static let duration = ValueType(number: 6)
    /// 4 or 16 bytes.
    public static let ipAddress = ValueType(number: 7)
}

/// An attribute that an adapter makes.
public struct OutputColumn: Sendable, Hashable {
    /// Its name behind `$out.`.
    public let name: String
    /// Of its values.
    public let type: ValueType

    /// An attribute called `name`.
    public init(_ name: String, _ type: ValueType) {
        self.name = name
        self.type = type
    }
}
