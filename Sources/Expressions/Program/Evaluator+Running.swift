internal import Primitives

extension Evaluator {
    /// What the program's part at `index` comes to.
    func run(_ index: Int32, _ bag: AttributeBag) -> Value {
        let at = self.instruction(index)
        switch at.pointee.opcode {
        case .constant: return at.pointee.constant
        case .attribute: return self.attribute(at.pointee, bag)
        case .local: return self.slot(at.pointee.x)
        case .binary:
            let left = self.run(at.pointee.x, bag)
            if left.kind == .error { return left }
            let right = self.run(at.pointee.y, bag)
            if right.kind == .error { return right }
            if left.kind == .attributeMap || right.kind == .attributeMap {
                return self.binaryOfMaps(at.pointee, left, right, bag)
            }
            return self.binary(at.pointee.function, left, right, at.pointee.offset)
        case .and:
            let left = self.run(at.pointee.x, bag)
            if left.isFalse { return left }
            return self.and(left, at.pointee, bag)
        case .or:
            let left = self.run(at.pointee.x, bag)
            if left.isTrue { return left }
            return self.or(left, at.pointee, bag)
        case .not:
            let value = self.run(at.pointee.x, bag)
            if value.kind == .bool { return .bool(!value.boolean) }
            return value.isError ? value : .error(.noSuchOverload).at(at.pointee.offset)
        case .conditional:
            let condition = self.run(at.pointee.x, bag)
            if condition.isTrue { return self.run(at.pointee.y, bag) }
            if condition.isFalse { return self.run(at.pointee.z, bag) }
            return condition.isError ? condition : .error(.noSuchOverload).at(at.pointee.offset)
        case .substitute:
            let value = self.run(at.pointee.x, bag)
            return value.isAbsence ? self.run(at.pointee.y, bag) : value
        case .unary:
            let value = self.run(at.pointee.x, bag)
            if value.kind == .error { return value }
            return self.unary(at.pointee.function, self.materialize(value, bag)).at(at.pointee.offset)
        case .select:
            let operand = self.run(at.pointee.x, bag)
            if operand.kind == .error { return operand }
            return self.select(operand, at.pointee.constant, bag).at(at.pointee.offset)
        case .matchesPattern:
            let text = self.run(at.pointee.x, bag)
            if text.kind == .error { return text }
            return self.matches(text, at.pointee.constant).at(at.pointee.offset)
        default: return self.runSlowly(at.pointee, bag)
        }
    }

    @inline(never)
    private func runSlowly(_ at: Instruction, _ bag: AttributeBag) -> Value {
        switch at.opcode {
        case .attributePresence:
            let id = AttributeID(rawValue: UInt32(bitPattern: at.x))
            return .bool(bag.value(of: id).kind != .absent)
        case .failure: return at.constant.at(at.offset)
        case .test: return self.test(self.run(at.x, bag), at.constant, bag).at(at.offset)
        case .list: return self.list(at, bag)
        case .map: return self.map(at, bag)
        case .call: return self.call(at, bag)
        case .comprehension: return self.comprehension(at, bag)
        case .bind:
            self.set(slot: Int(at.z), to: self.run(at.x, bag))
            return self.run(at.y, bag)
        case .wellKnown:
            let value = self.run(at.x, bag)
            return value.isError ? value : self.wellKnown(at.count, value, bag).at(at.offset)
        default: return .error(.noSuchOverload)
        }
    }

    private func attribute(_ at: Instruction, _ bag: AttributeBag) -> Value {
        let value = bag.value(of: AttributeID(rawValue: UInt32(bitPattern: at.x)))
        if value.kind != .absent { return value }
        return Value(.error, at.constant.first, at.constant.second, detail: at.constant.detail)
    }

    private func and(_ left: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        let right = self.run(at.y, bag)
        if right.isFalse { return right }
        if left.isTrue, right.isTrue { return right }
        return self.first(left, right).at(at.offset)
    }

    private func or(_ left: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        let right = self.run(at.y, bag)
        if right.isTrue { return right }
        if left.isFalse, right.isFalse { return right }
        return self.first(left, right).at(at.offset)
    }

    /// The error that `&&` and `||` end with.
    private func first(_ left: Value, _ right: Value) -> Value {
        if left.isError { return left }
        return right.isError ? right : .error(.noSuchOverload)
    }

    // MARK: Lists, maps, calls

    @inline(never)
    private func binaryOfMaps(_ at: Instruction, _ left: Value, _ right: Value, _ bag: AttributeBag) -> Value
    {
        switch at.function {
        case .index where left.kind == .attributeMap:
            guard right.kind == .string else { return .error(.noSuchOverload).at(at.offset) }
            return self.select(left, right, bag).at(at.offset)
        case .contained where right.kind == .attributeMap:
            guard left.kind == .string else { return .bool(false) }
            return .bool(bag.entry(of: right.attribute, left.view).kind != .absent)
        default:
            let (left, right) = (self.materialize(left, bag), self.materialize(right, bag))
            if left.isError { return left }
            return right.isError ? right : self.binary(at.function, left, right, at.offset)
        }
    }

    private func list(_ at: Instruction, _ bag: AttributeBag) -> Value {
        guard let elements = self.arena.values(Int(at.count)) else { return self.exhausted }
        for index in 0..<Int(at.count) {
            let value = self.materialize(self.run(self.child(Int(at.x) + index), bag), bag)
            if value.isError { return value }
            elements[index] = value
        }
        return Value(list: elements)
    }

    private func map(_ at: Instruction, _ bag: AttributeBag) -> Value {
        guard let pairs = self.arena.values(Int(at.count)) else { return self.exhausted }
        for index in 0..<Int(at.count) {
            let value = self.materialize(self.run(self.child(Int(at.x) + index), bag), bag)
            if value.isError { return value }
            pairs[index] = value
        }
        guard let map = self.arena.map(pairs) else { return self.exhausted }
        return map.at(at.offset)
    }

    private func call(_ at: Instruction, _ bag: AttributeBag) -> Value {
        let arguments = self.push(Int(at.count))
        defer { self.pop(arguments) }
        for index in 0..<Int(at.count) {
            let value = self.materialize(self.run(self.child(Int(at.x) + index), bag), bag)
            if value.isError { return value }
            arguments[index] = value
        }
        return self.apply(at.function, arguments).at(at.offset)
    }

    var exhausted: Value { .error(.limitExceeded) }

    /// A text of the arena.
    func string(_ view: ByteView?) -> Value { view.map { .string($0) } ?? self.exhausted }

    /// What ``text`` holds, as a text of the arena.
    func takeText() -> Value {
        guard self.pay(self.text.count / 64) else { return self.exhausted }
        return self.string(self.arena.copy(self.text.view))
    }
}
