internal import Primitives

extension Evaluator {
    /// Functions of two arguments, the frequent ones first.
    func binary(_ function: Function, _ left: Value, _ right: Value, _ offset: UInt32) -> Value {
        switch function {
        case .equal, .notEqual:
            let isEqual: Bool
            if left.kind == .string, right.kind == .string {
                isEqual = left.view == right.view
            } else if left.kind == .int, right.kind == .int {
                isEqual = left.integer == right.integer
            } else {
                isEqual = self.equals(left, right)
            }
            return .bool(isEqual == (function == .equal))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if left.kind == .int, right.kind == .int {
                let (a, b) = (left.integer, right.integer)
                switch function {
                case .less: return .bool(a < b)
                case .lessOrEqual: return .bool(a <= b)
                case .greater: return .bool(a > b)
                default: return .bool(a >= b)
                }
            }
            return self.ordered(function, left, right).at(offset)
        case .startsWith where left.kind == .string && right.kind == .string:
            return .bool(left.view.hasPrefix(right.view))
        case .endsWith where left.kind == .string && right.kind == .string:
            return .bool(left.view.hasSuffix(right.view))
        case .contains where left.kind == .string && right.kind == .string:
            guard self.pay(left.view.count / 64) else { return self.exhausted }
            return .bool(left.view.firstRange(of: right.view) != nil)
        default: return self.slowBinary(function, left, right).at(offset)
        }
    }

    func equals(_ left: Value, _ right: Value) -> Bool {
        var steps = self.steps
        defer { self.steps = steps }
        return Value.equals(left, right, steps: &steps)
    }

    private func ordered(_ function: Function, _ left: Value, _ right: Value) -> Value {
        switch (Value.order(left, right), function) {
        case (.noSuchOverload, _): .error(.noSuchOverload)
        case (.less, .less), (.less, .lessOrEqual), (.equal, .lessOrEqual): .bool(true)
        case (.greater, .greater), (.greater, .greaterOrEqual), (.equal, .greaterOrEqual): .bool(true)
        default: .bool(false)
        }
    }

    @inline(never)
    private func slowBinary(_ function: Function, _ left: Value, _ right: Value) -> Value {
        switch function {
        case .add: return self.add(left, right)
        case .subtract: return Self.subtract(left, right)
        case .multiply, .divide, .modulo: return Self.arithmetic(function, left, right)
        case .contained: return self.contained(left, in: right)
        case .index: return self.index(left, right)
        default:
            let arguments = self.push(2)
            defer { self.pop(arguments) }
            arguments[0] = left
            arguments[1] = right
            return self.apply(function, arguments)
        }
    }

    private func add(_ left: Value, _ right: Value) -> Value {
        switch (left.kind, right.kind) {
        case (.int, .int):
            let (sum, isOver) = left.integer.addingReportingOverflow(right.integer)
            return isOver ? .error(.overflow) : .int(sum)
        case (.uint, .uint):
            let (sum, isOver) = left.first.addingReportingOverflow(right.first)
            return isOver ? .error(.overflow) : .uint(sum)
        case (.double, .double): return .double(left.number + right.number)
        case (.string, .string), (.bytes, .bytes):
            let (one, other) = (left.view, right.view)
            guard self.pay((one.count + other.count) / 64), let joined = self.arena.join(one, other) else {
                return self.exhausted
            }
            return Value(left.kind, joined)
        case (.list, .list): return self.concatenate(left.elements, right.elements)
        case (.timestamp, .duration): return Self.shift(left, by: right.integer)
        case (.duration, .timestamp): return Self.shift(right, by: left.integer)
        case (.duration, .duration):
            let (sum, isOver) = left.integer.addingReportingOverflow(right.integer)
            return isOver ? .error(.overflow) : .duration(nanoseconds: sum)
        default: return .error(.noSuchOverload)
        }
    }

    private func concatenate(_ one: ValueSpan, _ other: ValueSpan) -> Value {
        guard self.pay(one.count + other.count), let all = self.arena.values(one.count + other.count) else {
            return self.exhausted
        }
        for index in 0..<one.count { all[index] = one[index] }
        for index in 0..<other.count { all[one.count + index] = other[index] }
        return Value(list: all)
    }

    /// A time moved by so many nanoseconds.
    private static func shift(_ time: Value, by nanoseconds: Int64) -> Value {
        var (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        rest += Int64(time.nanoseconds)
        if rest < 0 {
            rest += 1_000_000_000
            seconds -= 1
        } else if rest >= 1_000_000_000 {
            rest -= 1_000_000_000
            seconds += 1
        }
        return Timestamp.value(seconds: time.seconds + seconds, nanoseconds: UInt32(rest))
    }

    private static func subtract(_ left: Value, _ right: Value) -> Value {
        switch (left.kind, right.kind) {
        case (.int, .int):
            let (difference, isOver) = left.integer.subtractingReportingOverflow(right.integer)
            return isOver ? .error(.overflow) : .int(difference)
        case (.uint, .uint):
            let (difference, isOver) = left.first.subtractingReportingOverflow(right.first)
            return isOver ? .error(.overflow) : .uint(difference)
        case (.double, .double): return .double(left.number - right.number)
        case (.duration, .duration):
            let (difference, isOver) = left.integer.subtractingReportingOverflow(right.integer)
            return isOver ? .error(.overflow) : .duration(nanoseconds: difference)
        case (.timestamp, .duration):
            guard right.integer != .min else { return .error(.overflow) }
            return Self.shift(left, by: -right.integer)
        case (.timestamp, .timestamp):
            let seconds = left.seconds - right.seconds
            let (nanoseconds, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, isOverToo) = nanoseconds.addingReportingOverflow(
                Int64(left.nanoseconds) - Int64(right.nanoseconds))
            return isOver || isOverToo ? .error(.overflow) : .duration(nanoseconds: sum)
        default: return .error(.noSuchOverload)
        }
    }

    private static func arithmetic(_ function: Function, _ left: Value, _ right: Value) -> Value {
        switch (left.kind, right.kind) {
        case (.int, .int):
            let (a, b) = (left.integer, right.integer)
            if function != .multiply, b == 0 { return .error(.divisionByZero) }
            let (result, isOver) =
                function == .multiply
                ? a.multipliedReportingOverflow(by: b)
                : function == .divide
                    ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
            return isOver ? .error(.overflow) : .int(result)
        case (.uint, .uint):
            let (a, b) = (left.first, right.first)
            if function != .multiply, b == 0 { return .error(.divisionByZero) }
            if function == .divide { return .uint(a / b) }
            if function == .modulo { return .uint(a % b) }
            let (result, isOver) = a.multipliedReportingOverflow(by: b)
            return isOver ? .error(.overflow) : .uint(result)
        case (.double, .double) where function != .modulo:
            return .double(function == .multiply ? left.number * right.number : left.number / right.number)
        default: return .error(.noSuchOverload)
        }
    }

    func negate(_ value: Value) -> Value {
        switch value.kind {
        case .int: value.integer == .min ? .error(.overflow) : .int(-value.integer)
        case .double: .double(-value.number)
        default: .error(.noSuchOverload)
        }
    }
}
