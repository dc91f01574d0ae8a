internal import Primitives

extension Evaluator {
    /// The greatest or the least of numbers of any kind, or of one list of them; the first of equal ones.
    static func extremum(_ function: Function, _ arguments: ValueSpan) -> Value {
        var numbers = arguments
        if arguments.count == 1, arguments[0].kind == .list { numbers = arguments[0].elements }
        guard numbers.count > 0 else { return .error(.invalidArgument) }
        var best = numbers[0]
        guard best.isNumber else { return .error(.noSuchOverload) }
        for index in 1..<max(1, numbers.count) {
            guard numbers[index].isNumber else { return .error(.noSuchOverload) }
            guard let order = Value.compareNumbers(numbers[index], best) else { continue }
            if function == .greatest ? order > 0 : order < 0 { best = numbers[index] }
        }
        return best
    }

    static func calculate(_ function: Function, _ value: Value) -> Value {
        switch function {
        case .abs: return Self.absolute(value)
        case .sign: return Self.sign(value)
        case .sqrt: return value.isNumber ? .double(value.asNumber.squareRoot()) : .error(.noSuchOverload)
        default: break
        }
        guard value.kind == .double else { return .error(.noSuchOverload) }
        let number = value.number
        switch function {
        case .ceil: return .double(number.rounded(.up))
        case .floor: return .double(number.rounded(.down))
        case .round: return .double(number.rounded(.toNearestOrAwayFromZero))
        case .trunc: return .double(number.rounded(.towardZero))
        case .isNaN: return .bool(number.isNaN)
        case .isInf: return .bool(number.isInfinite)
        default: return .bool(number.isFinite)
        }
    }

    private static func absolute(_ value: Value) -> Value {
        switch value.kind {
        case .int: value.integer == .min ? .error(.overflow) : .int(abs(value.integer))
        case .uint: value
        case .double: .double(value.number.magnitude)
        default: .error(.noSuchOverload)
        }
    }

    private static func sign(_ value: Value) -> Value {
        switch value.kind {
        case .int: .int(value.integer.signum())
        case .uint: .uint(min(1, value.first))
        case .double:
            value.number.isNaN ? value : .double(value.number > 0 ? 1 : value.number < 0 ? -1 : 0)
        default: .error(.noSuchOverload)
        }
    }

    static func bits(_ function: Function, _ arguments: ValueSpan) -> Value {
        let one = arguments[0]
        guard one.kind == .int || one.kind == .uint else { return .error(.noSuchOverload) }
        if function == .bitNot { return Value(one.kind, ~one.first) }
        guard arguments.count == 2 else { return .error(.noSuchOverload) }
        let other = arguments[1]
        if function == .bitShiftLeft || function == .bitShiftRight {
            guard other.kind == .int else { return .error(.noSuchOverload) }
            guard other.integer >= 0 else { return .error(.invalidArgument) }
            let count = min(64, other.first)
            return Value(one.kind, function == .bitShiftLeft ? one.first << count : one.first >> count)
        }
        guard other.kind == one.kind else { return .error(.noSuchOverload) }
        switch function {
        case .bitAnd: return Value(one.kind, one.first & other.first)
        case .bitOr: return Value(one.kind, one.first | other.first)
        default: return Value(one.kind, one.first ^ other.first)
        }
    }
}
