internal import Primitives

extension Evaluator {
    /// `operand.field` and, of an attribute's map, `operand[key]`.
    func select(_ operand: Value, _ key: Value, _ bag: AttributeBag) -> Value {
        switch operand.kind {
        case .map:
            guard let place = operand.place(of: key) else { return .error(.noSuchKey, key.view) }
            return operand.pairs[place * 2 + 1]
        case .attributeMap:
            let value = bag.entry(of: operand.attribute, key.view)
            return value.kind == .absent ? .error(.absentAttribute, key.view) : value
        default: return .error(.noSuchOverload)
        }
    }

    /// `has(operand.field)`; an attribute that is absent has no fields.
    func test(_ operand: Value, _ key: Value, _ bag: AttributeBag) -> Value {
        switch operand.kind {
        case .map: .bool(operand.place(of: key) != nil)
        case .attributeMap: .bool(bag.entry(of: operand.attribute, key.view).kind != .absent)
        case .error: operand.isAbsence ? .bool(false) : operand
        default: .error(.noSuchOverload)
        }
    }

    func matches(_ text: Value, _ pattern: Value) -> Value {
        guard text.kind == .string else { return .error(.noSuchOverload) }
        guard self.pay(text.view.count / 16) else { return self.exhausted }
        return .bool(Pattern.matches(pattern.first, text.view))
    }

    func contained(_ value: Value, in whole: Value) -> Value {
        switch whole.kind {
        case .list:
            let elements = whole.elements
            guard self.pay(elements.count) else { return self.exhausted }
            for index in 0..<elements.count where self.equals(elements[index], value) { return .bool(true) }
            return .bool(false)
        case .map: return .bool(whole.place(of: value) != nil)
        default: return .error(.noSuchOverload)
        }
    }

    func index(_ whole: Value, _ index: Value) -> Value {
        switch whole.kind {
        case .list:
            guard let position = Self.position(index) else { return .error(.invalidArgument) }
            guard position >= 0, position < whole.elements.count else { return .error(.indexOutOfRange) }
            return whole.elements[Int(position)]
        case .map:
            switch index.kind {
            case .bool, .int, .uint, .double, .string: break
            default: return .error(.noSuchKey)
            }
            guard let place = whole.place(of: index) else {
                return .error(.noSuchKey, index.kind == .string ? index.view : .empty)
            }
            return whole.pairs[place * 2 + 1]
        default: return .error(.noSuchOverload)
        }
    }

    /// A number of any kind as a list's index, when it is a whole one.
    private static func position(_ value: Value) -> Int64? {
        switch value.kind {
        case .int: value.integer
        case .uint: Int64(exactly: value.first)
        case .double: Int64(exactly: value.number)
        default: nil
        }
    }

    /// The whole of an attribute's map, for what needs more than single entries.
    func materialize(_ value: Value, _ bag: AttributeBag) -> Value {
        value.kind == .attributeMap ? self.entries(of: value, bag) : value
    }

    @inline(never)
    private func entries(of value: Value, _ bag: AttributeBag) -> Value {
        let count = bag.entryCount(of: value.attribute)
        guard count >= 0, self.pay(count), let pairs = self.arena.values(count * 2) else {
            return self.exhausted
        }
        for index in 0..<count {
            let entry = bag.entry(of: value.attribute, at: index)
            pairs[index * 2] = .string(entry.key)
            pairs[index * 2 + 1] = .string(entry.value)
        }
        return self.arena.map(pairs) ?? self.exhausted
    }
}
