internal import Primitives

extension Evaluator {
    func comprehension(_ at: Instruction, _ bag: AttributeBag) -> Value {
        let range = self.materialize(self.run(at.x, bag), bag)
        guard range.kind == .list || range.kind == .map else {
            return range.isError ? range : .error(.noSuchOverload).at(at.offset)
        }
        switch Comprehension.Macro(rawValue: UInt8(truncatingIfNeeded: at.count)) {
        case .all: return self.all(range, at, bag).at(at.offset)
        case .exists: return self.exists(range, at, bag).at(at.offset)
        case .existsOne: return self.existsOne(range, at, bag).at(at.offset)
        case .filter: return self.filter(range, at, bag).at(at.offset)
        case .map, .transformList: return self.transformList(range, at, bag).at(at.offset)
        case .transformMap, .transformMapEntry: return self.transformMap(range, at, bag).at(at.offset)
        case nil: return .error(.noSuchOverload)
        }
    }

    /// Puts the element at `index` where the macro's variables are, and pays for the round.
    private func step(_ range: Value, _ index: Int, _ at: Instruction) -> Bool {
        let slot = Int(at.constant.first)
        let isPair = at.count >> 8 == 2
        if range.kind == .list {
            let element = range.elements[index]
            self.set(slot: slot, to: isPair ? .int(Int64(index)) : element)
            if isPair { self.set(slot: slot + 1, to: element) }
        } else {
            self.set(slot: slot, to: range.pairs[index * 2])
            if isPair { self.set(slot: slot + 1, to: range.pairs[index * 2 + 1]) }
        }
        return self.pay(Int(at.constant.detail))
    }

    private func all(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        var failure = Value.bool(true)
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let value = self.run(at.y, bag)
            if value.isFalse { return value }
            if !value.isTrue, !failure.isError { failure = value.isError ? value : .error(.noSuchOverload) }
        }
        return failure
    }

    private func exists(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        var failure = Value.bool(false)
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let value = self.run(at.y, bag)
            if value.isTrue { return value }
            if !value.isFalse, !failure.isError { failure = value.isError ? value : .error(.noSuchOverload) }
        }
        return failure
    }

    private func existsOne(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        var found = 0
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let value = self.run(at.y, bag)
            guard value.kind == .bool else { return value.isError ? value : .error(.noSuchOverload) }
            if value.isTrue { found += 1 }
        }
        return .bool(found == 1)
    }

    private func filter(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        guard let elements = self.arena.values(Int(range.second)) else { return self.exhausted }
        var count = 0
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let value = self.run(at.y, bag)
            guard value.kind == .bool else { return value.isError ? value : .error(.noSuchOverload) }
            guard value.isTrue else { continue }
            elements[count] = range.kind == .list ? range.elements[index] : range.pairs[index * 2]
            count += 1
        }
        return Value(list: elements.prefix(count))
    }

    /// Whether the element is wanted; an error when the condition has no answer.
    private func condition(_ at: Instruction, _ bag: AttributeBag) -> Value {
        guard at.z >= 0 else { return .bool(true) }
        let value = self.run(at.z, bag)
        return value.kind == .bool || value.isError ? value : .error(.noSuchOverload)
    }

    private func transformList(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        guard let elements = self.arena.values(Int(range.second)) else { return self.exhausted }
        var count = 0
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let condition = self.condition(at, bag)
            if condition.isError { return condition }
            if condition.isFalse { continue }
            let value = self.materialize(self.run(at.y, bag), bag)
            if value.isError { return value }
            elements[count] = value
            count += 1
        }
        return Value(list: elements.prefix(count))
    }

    private func transformMap(_ range: Value, _ at: Instruction, _ bag: AttributeBag) -> Value {
        let entryValue = Int32(truncatingIfNeeded: Int64(bitPattern: at.constant.second))
        guard let pairs = self.arena.values(Int(range.second) * 2) else { return self.exhausted }
        var count = 0
        for index in 0..<Int(range.second) {
            guard self.step(range, index, at) else { return self.exhausted }
            let condition = self.condition(at, bag)
            if condition.isError { return condition }
            if condition.isFalse { continue }
            let body = self.materialize(self.run(at.y, bag), bag)
            if body.isError { return body }
            if entryValue < 0 {
                pairs[count] = range.kind == .list ? .int(Int64(index)) : range.pairs[index * 2]
                pairs[count + 1] = body
            } else {
                let value = self.materialize(self.run(entryValue, bag), bag)
                if value.isError { return value }
                pairs[count] = body
                pairs[count + 1] = value
            }
            count += 2
        }
        return self.arena.map(pairs.prefix(count)) ?? self.exhausted
    }
}
