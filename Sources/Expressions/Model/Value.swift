public import Primitives

/// A value of an expression: three words, without a reference count.
///
/// Texts, lists and maps are borrowed: those that a bag gave live as long as the bag says, those that an
/// evaluation made until the next evaluation of the same ``Evaluator``, constants as long as the
/// ``Expression``.
public struct Value: Sendable {
    /// What a value is.
    public enum Kind: UInt8, Sendable {
        /// An attribute without a value. Only bags give it; within an expression it becomes an error.
        case absent
        case null, bool, int, uint, double, string, bytes, list, map
        /// A STRING_MAP attribute, whose entries stay with the bag.
        case attributeMap
        case type, timestamp, duration, ip, cidr
        /// What evaluation ended with instead of a value.
        case error
    }

    public let kind: Kind
    /// Small facts of the kind: nanoseconds of a timestamp, bits of a range, the code of an error.
    @usableFromInline let detail: UInt32
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64

    @inlinable
    init(_ kind: Kind, _ first: UInt64 = 0, _ second: UInt64 = 0, detail: UInt32 = 0) {
        self.kind = kind
        self.detail = detail
        self.first = first
        self.second = second
    }

    // MARK: Making

    public static var absent: Value { Value(.absent) }
    public static var null: Value { Value(.null) }
    @inlinable public static func bool(_ value: Bool) -> Value { Value(.bool, value ? 1 : 0) }
    @inlinable public static func int(_ value: Int64) -> Value { Value(.int, UInt64(bitPattern: value)) }
    @inlinable public static func uint(_ value: UInt64) -> Value { Value(.uint, value) }
    @inlinable public static func double(_ value: Double) -> Value { Value(.double, value.bitPattern) }

    /// A point in time; what is beyond the years 1 to 9999 becomes their beginning or end.
    ///
    /// - Parameters:
    ///   - seconds: Since 1970.
    ///   - nanoseconds: 0..<1,000,000,000.
    @inlinable
    public static func timestamp(seconds: Int64, nanoseconds: UInt32 = 0) -> Value {
        let seconds = Swift.max(-62_135_596_800, Swift.min(253_402_300_799, seconds))
        return Value(
            .timestamp, UInt64(bitPattern: seconds), 0, detail: Swift.min(nanoseconds, 999_999_999))
    }

    @inlinable
    public static func duration(nanoseconds: Int64) -> Value {
        Value(.duration, UInt64(bitPattern: nanoseconds))
    }

    @inlinable
    public static func ip(_ address: IPAddress) -> Value {
        Value(.ip, address.high, address.low, detail: address.isIPv6 ? 1 : 0)
    }

    @inlinable
    static func cidr(_ base: IPAddress, bits: Int) -> Value {
        Value(.cidr, base.high, base.low, detail: UInt32(bits) << 1 | (base.isIPv6 ? 1 : 0))
    }

    /// What a bag answers for a STRING_MAP attribute that it has.
    @inlinable
    public static func attributeMap(_ id: AttributeID) -> Value { Value(.attributeMap, UInt64(id.rawValue)) }

    // MARK: Reading

    @inlinable public var isError: Bool { self.kind == .error }
    @inlinable public var isTrue: Bool { self.kind == .bool && self.first == 1 }
    @inlinable public var isFalse: Bool { self.kind == .bool && self.first == 0 }

    // What a kind holds; meaningless for another kind.
    @inlinable var boolean: Bool { self.first != 0 }
    @inlinable var integer: Int64 { Int64(bitPattern: self.first) }
    @inlinable var unsigned: UInt64 { self.first }
    @inlinable var number: Double { Double(bitPattern: self.first) }
    @inlinable var seconds: Int64 { Int64(bitPattern: self.first) }
    @inlinable var nanoseconds: UInt32 { self.detail }
    @inlinable var isIPv6: Bool { self.detail & 1 == 1 }
    @inlinable var prefixBits: Int { Int(self.detail >> 1) }
    @inlinable var attribute: AttributeID { AttributeID(rawValue: UInt32(truncatingIfNeeded: self.first)) }

    @inlinable var address: IPAddress {
        self.isIPv6
            ? IPAddress(high: self.first, low: self.second)
            : IPAddress(ipv4: UInt32(truncatingIfNeeded: self.second))
    }

    /// The value of a `bool`; nil for another kind.
    public var asBool: Bool? { self.kind == .bool ? self.boolean : nil }
    /// The value of an `int`; nil for another kind.
    public var asInt: Int64? { self.kind == .int ? self.integer : nil }
    /// The value of a `uint`; nil for another kind.
    public var asUInt: UInt64? { self.kind == .uint ? self.first : nil }
    /// The value of a `double`; nil for another kind.
    public var asDouble: Double? { self.kind == .double ? self.number : nil }
    /// Nanoseconds of a `duration`; nil for another kind.
    public var asDuration: Int64? { self.kind == .duration ? self.integer : nil }
    /// Seconds since 1970 and nanoseconds of a `timestamp`; nil for another kind.
    public var asTimestamp: (seconds: Int64, nanoseconds: UInt32)? {
        self.kind == .timestamp ? (self.seconds, self.detail) : nil
    }
    /// The address of an `ip`; nil for another kind.
    public var asIP: IPAddress? { self.kind == .ip ? self.address : nil }
    /// The text of a `string`, `bytes` or the name of a `type`; nil for another kind.
    public var asText: ByteView? {
        self.kind == .string || self.kind == .bytes || self.kind == .type ? self.view : nil
    }
    /// How many elements or entries a list or map has; nil for another kind, an attribute's map included.
    public var elementCount: Int? { self.kind == .list || self.kind == .map ? Int(self.second) : nil }
}
