internal import Primitives

extension Evaluator {
    /// Functions of one argument.
    @inline(never)
    func unary(_ function: Function, _ value: Value) -> Value {
        switch function {
        case .negate: return self.negate(value)
        case .size: return self.size(value)
        default:
            let arguments = self.push(1)
            defer { self.pop(arguments) }
            arguments[0] = value
            return self.apply(function, arguments)
        }
    }

    /// Any function that is no operator; it looks at the kinds of its arguments itself.
    @inline(never)
    func apply(_ function: Function, _ arguments: ValueSpan) -> Value {
        switch function {
        case .toBool, .toInt, .toUInt, .toDouble, .toString, .toBytes, .toTimestamp, .toDuration, .toDyn,
            .toType, .base64Encode, .base64Decode, .toURI, .toDNSName, .toEmail,
            .toMilliseconds:
            return self.convert(function, arguments[0])
        case .contains, .startsWith, .endsWith, .matches, .indexOf, .lastIndexOf, .charAt, .substring, .match:
            return self.search(function, arguments)
        case .join, .lowerAscii, .upperAscii, .replace, .split, .trim, .reverse, .quote, .conditionalString:
            return self.edit(function, arguments)
        case .format: return self.format(arguments)
        case .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear, .getFullYear, .getHours,
            .getMilliseconds, .getMinutes, .getMonth, .getSeconds:
            return self.selectTime(function, arguments)
        case .greatest, .least: return Self.extremum(function, arguments)
        case .ceil, .floor, .round, .trunc, .abs, .sign, .isNaN, .isInf, .isFinite, .sqrt:
            return Self.calculate(function, arguments[0])
        case .bitAnd, .bitOr, .bitXor, .bitNot, .bitShiftLeft, .bitShiftRight:
            return Self.bits(function, arguments)
        case .toIP, .isIP, .ipIsCanonical, .toCIDR, .isCIDR, .family, .isUnspecified, .isLoopback,
            .isGlobalUnicast, .isLinkLocalMulticast, .isLinkLocalUnicast, .containsIP, .containsCIDR, .masked,
            .prefixLength, .isMask:
            return self.addresses(function, arguments)
        case .emptyStringMap: return Value(map: .empty, index: 0)
        default: return .error(.noSuchOverload)
        }
    }

    private func size(_ value: Value) -> Value {
        switch value.kind {
        case .string:
            guard self.pay(value.view.count / 64) else { return self.exhausted }
            return .int(Int64(value.view.characterCount))
        case .bytes: return .int(Int64(value.view.count))
        case .list, .map: return .int(Int64(value.second))
        default: return .error(.noSuchOverload)
        }
    }
}
