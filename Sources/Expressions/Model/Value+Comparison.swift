internal import Primitives

extension Value {
    /// Whether two values are the same (the language definition, "Equality"): numbers of all kinds stand on
    /// one line; values of other kinds that differ are not equal.
    ///
    /// - Parameter steps: How many elements of lists and maps may be compared; negative, and the answer
    ///   wrong, when they were more.
    static func equals(_ one: Value, _ other: Value, steps: inout Int) -> Bool {
        if one.kind == other.kind {
            switch one.kind {
            case .list: return Self.equalLists(one.elements, other.elements, &steps)
            case .map: return Self.equalMaps(one, other, &steps)
            default: return Self.equalScalars(one, other)
            }
        }
        if one.isNumber, other.isNumber { return Self.compareNumbers(one, other) == 0 }
        return false
    }

    /// As above, for keys of maps.
    static func equals(_ one: Value, _ other: Value) -> Bool {
        if one.kind == other.kind { return Self.equalScalars(one, other) }
        if one.isNumber, other.isNumber { return Self.compareNumbers(one, other) == 0 }
        return false
    }

    private static func equalScalars(_ one: Value, _ other: Value) -> Bool {
        switch one.kind {
        case .absent, .null: true
        case .bool, .int, .uint, .duration: one.first == other.first
        case .double: one.number == other.number
        case .string, .bytes, .type: one.view == other.view
        case .timestamp: one.first == other.first && one.detail == other.detail
        case .ip: one.address.unmapped == other.address.unmapped
        case .cidr: one.first == other.first && one.second == other.second && one.detail == other.detail
        case .attributeMap: one.first == other.first
        case .list, .map, .error: false
        }
    }

    private static func equalLists(_ one: ValueSpan, _ other: ValueSpan, _ steps: inout Int) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count {
            steps -= 1
            guard steps >= 0, Self.equals(one[index], other[index], steps: &steps) else { return false }
        }
        return true
    }

    private static func equalMaps(_ one: Value, _ other: Value, _ steps: inout Int) -> Bool {
        let (pairs, others) = (one.pairs, other.pairs)
        guard pairs.count == others.count else { return false }
        for index in 0..<pairs.count / 2 {
            steps -= 2
            guard steps >= 0, let place = other.place(of: pairs[index * 2]),
                Self.equals(pairs[index * 2 + 1], others[place * 2 + 1], steps: &steps)
            else { return false }
        }
        return true
    }

    var isNumber: Bool { self.kind == .int || self.kind == .uint || self.kind == .double }

    /// Less than 0, 0 or more than 0; nil when one is not a number.
    ///
    /// An integer is compared with a double as the nearest double, as the conformance cases want it.
    static func compareNumbers(_ one: Value, _ other: Value) -> Int? {
        switch (one.kind, other.kind) {
        case (.int, .int): return Self.order(one.integer, other.integer)
        case (.uint, .uint): return Self.order(one.first, other.first)
        case (.int, .uint): return one.integer < 0 ? -1 : Self.order(one.first, other.first)
        case (.uint, .int): return other.integer < 0 ? 1 : Self.order(one.first, other.first)
        default:
            let (a, b) = (one.asNumber, other.asNumber)
            return a.isNaN || b.isNaN ? nil : Self.order(a, b)
        }
    }

    /// A number of any kind as the nearest double.
    var asNumber: Double {
        switch self.kind {
        case .int: Double(self.integer)
        case .uint: Double(self.first)
        default: self.number
        }
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

    /// How two values of ordered kinds stand to each other.
    enum Ordering { case less, equal, greater, unordered, noSuchOverload }

    static func order(_ one: Value, _ other: Value) -> Ordering {
        if one.isNumber, other.isNumber {
            guard let order = Self.compareNumbers(one, other) else { return .unordered }
            return Ordering(order)
        }
        guard one.kind == other.kind else { return .noSuchOverload }
        switch one.kind {
        case .bool: return Ordering(Self.order(one.first, other.first))
        case .duration: return Ordering(Self.order(one.integer, other.integer))
        case .timestamp:
            let seconds = Self.order(one.seconds, other.seconds)
            return Ordering(seconds != 0 ? seconds : Self.order(one.detail, other.detail))
        case .string, .bytes: return Ordering(one.view.compare(other.view))
        default: return .noSuchOverload
        }
    }

    /// The same for keys that are equal.
    var keyHash: UInt64 {
        var hash: UInt64
        switch self.kind {
        case .int, .uint, .double: hash = (self.asNumber + 0.0).bitPattern
        case .string: hash = self.view.hash
        default: hash = self.first ^ 0x9E37_79B9_7F4A_7C15
        }
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        return hash ^ hash >> 32
    }
}

extension Value.Ordering {
    init(_ order: Int) { self = order < 0 ? .less : order == 0 ? .equal : .greater }
}
