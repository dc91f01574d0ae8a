internal import Primitives

extension Evaluator {
    /// Functions that look into a text.
    func search(_ function: Function, _ arguments: ValueSpan) -> Value {
        guard arguments[0].kind == .string else { return .error(.noSuchOverload) }
        let text = arguments[0].view
        guard self.pay(text.count / 64) else { return self.exhausted }
        switch function {
        case .charAt, .substring: return Self.part(function, text, arguments)
        case .indexOf, .lastIndexOf: return Self.index(function, text, arguments)
        default: break
        }
        guard arguments.count == 2, arguments[1].kind == .string else { return .error(.noSuchOverload) }
        let other = arguments[1].view
        switch function {
        case .contains: return .bool(text.firstRange(of: other) != nil)
        case .startsWith: return .bool(text.hasPrefix(other))
        case .endsWith: return .bool(text.hasSuffix(other))
        case .match:
            guard self.pay(text.count * other.count / 64) else { return self.exhausted }
            return .bool(TextForm.matchesGlob(text, other))
        case .matches: return self.matchesNew(text, other)
        default: return .error(.noSuchOverload)
        }
    }

    /// A pattern that only the evaluation knows is compiled for this once.
    private func matchesNew(_ text: ByteView, _ pattern: ByteView) -> Value {
        guard self.pay(1000 + pattern.count) else { return self.exhausted }
        guard let compiled = try? Pattern(pattern) else { return .error(.invalidArgument, pattern) }
        let result = Pattern.matches(compiled.address, text)
        return withExtendedLifetime(compiled) { .bool(result) }
    }

    private static func part(_ function: Function, _ text: ByteView, _ arguments: ValueSpan) -> Value {
        guard arguments[1].kind == .int else { return .error(.noSuchOverload) }
        guard let start = text.offset(ofCharacter: Int(arguments[1].integer)) else {
            return .error(.indexOutOfRange)
        }
        if function == .charAt {
            guard arguments.count == 2 else { return .error(.noSuchOverload) }
            let length = start < text.count ? text.characterLength(at: start) : 0
            return .string(text[start..<start + length])
        }
        guard arguments.count == 3 else { return .string(text.dropFirst(start)) }
        guard arguments[2].kind == .int else { return .error(.noSuchOverload) }
        guard let end = text.offset(ofCharacter: Int(arguments[2].integer)), end >= start else {
            return .error(.indexOutOfRange)
        }
        return .string(text[start..<end])
    }

    private static func index(_ function: Function, _ text: ByteView, _ arguments: ValueSpan) -> Value {
        guard arguments[1].kind == .string else { return .error(.noSuchOverload) }
        let wanted = arguments[1].view
        var limit: Int?
        if arguments.count == 3 {
            guard arguments[2].kind == .int else { return .error(.noSuchOverload) }
            guard let offset = text.offset(ofCharacter: Int(arguments[2].integer)) else {
                return .error(.indexOutOfRange)
            }
            limit = offset
        }
        let found =
            function == .indexOf
            ? text.firstRange(of: wanted, from: limit ?? 0)
            : text.lastRange(of: wanted, upTo: limit ?? text.count)
        return .int(found.map { Int64(text[0..<$0].characterCount) } ?? -1)
    }
}

extension ByteView {
    /// Where `other` begins last, at `limit` or before; nil when it does not.
    ///
    /// - Complexity: The product of both lengths at worst, with the fast comparison of memory within.
    func lastRange(of other: ByteView, upTo limit: Int) -> Int? {
        guard other.count <= self.count else { return nil }
        var start = Swift.min(limit, self.count - other.count)
        while start >= 0 {
            if self.dropFirst(start).hasPrefix(other) { return start }
            start -= 1
        }
        return nil
    }
}
