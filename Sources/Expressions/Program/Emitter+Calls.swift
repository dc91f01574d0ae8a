internal import Primitives

extension Emitter {
    mutating func call(_ target: SyntaxNode?, _ arguments: [SyntaxNode], _ node: SyntaxNode) -> Int32 {
        guard case .function(let function) = node.resolution else {
            if case .missing(let code, let subject) = node.resolution {
                return self.failure(code, subject, at: node)
            }
            return self.failure(.noSuchFunction, "", at: node)
        }
        var operands = arguments
        // The `math` of `math.abs(x)` is no operand.
        if let target {
            if case .typeName("") = target.resolution {} else { operands.insert(target, at: 0) }
        }
        switch function {
        case .and, .or, .substitute, .conditional, .not: return self.control(function, operands, node)
        case .index:
            if case .literal(.string(let key)) = operands[1].kind, case .attribute = operands[0].resolution {
                return self.select(operands[0], key, .select, node)
            }
        case .matches:
            if operands.count == 2, case .literal(.string(let pattern)) = operands[1].kind {
                return self.matches(operands[0], pattern, operands[1], node)
            }
        default: break
        }
        return self.strict(function, operands, node)
    }

    private mutating func control(
        _ function: Function, _ operands: [SyntaxNode], _ node: SyntaxNode
    ) -> Int32 {
        let opcode: Instruction.Opcode =
            switch function {
            case .and: .and
            case .or: .or
            case .substitute: .substitute
            case .not: .not
            default: .conditional
            }
        var instruction = Instruction(opcode)
        instruction.x = self.emit(operands[0])
        if operands.count > 1 { instruction.y = self.emit(operands[1]) }
        if operands.count > 2 { instruction.z = self.emit(operands[2]) }
        let needs = [instruction.x, instruction.y, instruction.z].filter { $0 >= 0 }
        return self.folded(self.add(instruction, at: node), needs, at: node)
    }

    private mutating func strict(
        _ function: Function, _ operands: [SyntaxNode], _ node: SyntaxNode
    ) -> Int32 {
        // Many numbers are a list's, so that no call has many arguments.
        if function == .greatest || function == .least, operands.count > 1 {
            var instruction = Instruction(.unary)
            instruction.function = function
            instruction.x = self.collection(.list, operands, node)
            let list = instruction.x
            return self.folded(self.add(instruction, at: node), [list], at: node)
        }
        let indices = operands.map { self.emit($0) }
        var instruction: Instruction
        switch indices.count {
        case 1:
            instruction = Instruction(.unary)
            instruction.x = indices[0]
        case 2:
            instruction = Instruction(.binary)
            instruction.x = indices[0]
            instruction.y = indices[1]
        default:
            guard indices.count <= Evaluator.argumentLimit else {
                return self.failure(.noSuchOverload, "", at: node)
            }
            instruction = Instruction(.call)
            instruction.x = Int32(self.children.count)
            instruction.count = UInt32(indices.count)
            self.children += indices
        }
        instruction.function = function
        return self.folded(self.add(instruction, at: node), indices, at: node)
    }

    /// A pattern that is known now is compiled now.
    private mutating func matches(
        _ text: SyntaxNode, _ pattern: [UInt8], _ patternNode: SyntaxNode, _ node: SyntaxNode
    ) -> Int32 {
        let compiled: Pattern
        do throws(Pattern.Refusal) {
            compiled = try pattern.withByteViewOrRefusal { view throws(Pattern.Refusal) in try Pattern(view) }
        } catch {
            if self.isChecked {
                let message = "not a regular expression: \(error.message)"
                self.problems.append(self.source.problem(message, at: patternNode.offset))
            }
            return self.failure(.invalidArgument, error.message, at: node)
        }
        self.keep(compiled)
        var instruction = Instruction(.matchesPattern)
        instruction.x = self.emit(text)
        instruction.constant = Value(.uint, compiled.address)
        let operand = instruction.x
        return self.folded(self.add(instruction, at: node), [operand], at: node)
    }

    mutating func message(_ fields: [String], _ values: [SyntaxNode], _ node: SyntaxNode) -> Int32 {
        guard case .wellKnown(let message) = node.resolution else {
            if case .missing(let code, let subject) = node.resolution {
                return self.failure(code, subject, at: node)
            }
            return self.failure(.unknownName, "", at: node)
        }
        guard fields.count <= 1 else { return self.failure(.repeatedKey, message.rawValue, at: node) }
        guard let value = values.first else { return self.add(constant: message.empty, at: node) }
        guard message.fields[fields[0]] != nil else { return self.failure(.noSuchKey, fields[0], at: node) }
        var instruction = Instruction(.wellKnown)
        instruction.x = fields[0] == "null_value" ? self.add(constant: .null, at: node) : self.emit(value)
        instruction.count = UInt32(WellKnownMessage.allCases.firstIndex(of: message) ?? 0)
        let operand = instruction.x
        return self.folded(self.add(instruction, at: node), [operand], at: node)
    }

    mutating func comprehension(_ comprehension: Comprehension, _ node: SyntaxNode) -> Int32 {
        var instruction = Instruction(.comprehension)
        instruction.x = self.emit(comprehension.range)
        let before = self.code.count
        instruction.y = self.emit(comprehension.body)
        instruction.z = comprehension.condition.map { self.emit($0) } ?? -1
        let entryValue = comprehension.entryValue.map { self.emit($0) } ?? -1
        instruction.count = UInt32(comprehension.macro.rawValue) | UInt32(comprehension.variables.count) << 8
        if case .slots(let slot) = node.resolution {
            // What a round costs: the instructions that it may run.
            let cost = UInt32(1 + self.code.count - before)
            instruction.constant = Value(
                .uint, UInt64(slot), UInt64(bitPattern: Int64(entryValue)), detail: cost)
        }
        return self.add(instruction, at: node)
    }
}

extension WellKnownMessage {
    /// The value of the message without a field.
    var empty: Value {
        switch self {
        case .boolValue: .bool(false)
        case .bytesValue: .bytes(.empty)
        case .doubleValue, .floatValue: .double(0)
        case .int32Value, .int64Value: .int(0)
        case .stringValue: .string(.empty)
        case .uint32Value, .uint64Value: .uint(0)
        case .value: .null
        case .structure: Value(map: .empty, index: 0)
        case .listValue: Value(list: .empty)
        case .any: .error(.invalidArgument)
        }
    }
}

extension Array<UInt8> {
    /// As `withByteView`, for a body that may refuse.
    func withByteViewOrRefusal<Result>(
        _ body: (ByteView) throws(Pattern.Refusal) -> Result
    ) throws(Pattern.Refusal) -> Result {
        let outcome = self.withByteView { view -> Swift.Result<Result, Pattern.Refusal> in
            do throws(Pattern.Refusal) { return .success(try body(view)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
