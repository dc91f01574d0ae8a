internal import Primitives

/// Turns a checked expression into instructions. What is constant is computed here, once.
struct Emitter {
    let source: SourceText
    let manifest: AttributeManifest
    let mode: ExpressionMode
    let isChecked: Bool
    var problems: [ExpressionProblem] = []
    var references: Set<AttributeReference> = []
    var code: [Instruction] = []
    var children: [Int32] = []
    let constants = Arena(limit: 4 << 20)
    private var patterns: [Pattern] = []
    private let folding = Evaluator()
    private let slotCount: Int

    init(_ source: SourceText, _ manifest: AttributeManifest, _ mode: ExpressionMode, checker: Checker) {
        self.source = source
        self.manifest = manifest
        self.mode = mode
        self.isChecked = checker.isChecked
        self.slotCount = checker.slotCount
    }

    mutating func program(_ root: SyntaxNode) -> Program {
        let root = self.emit(root)
        return Program(
            code: self.code, children: self.children, root: root, slotCount: self.slotCount,
            constants: self.constants, patterns: self.patterns)
    }

    // MARK: Instructions

    mutating func add(_ instruction: Instruction, at node: SyntaxNode) -> Int32 {
        var instruction = instruction
        instruction.offset = UInt32(node.offset)
        self.code.append(instruction)
        return Int32(self.code.count - 1)
    }

    mutating func add(constant: Value, at node: SyntaxNode) -> Int32 {
        var instruction = Instruction(.constant)
        instruction.constant = constant
        return self.add(instruction, at: node)
    }

    mutating func failure(_ code: EvaluationError.Code, _ subject: String, at node: SyntaxNode) -> Int32 {
        var instruction = Instruction(.failure)
        instruction.constant = .error(code, self.copy(Array(subject.utf8)))
        return self.add(instruction, at: node)
    }

    /// A copy that lives as long as the program.
    func copy(_ bytes: [UInt8]) -> ByteView { bytes.withByteView { self.constants.copy($0) ?? .empty } }

    func isConstant(_ index: Int32) -> Bool { self.code[Int(index)].opcode == .constant }

    /// A constant instead of the instruction, when all that it needs is constant and it has a value.
    mutating func folded(_ index: Int32, _ needs: [Int32], at node: SyntaxNode) -> Int32 {
        guard needs.allSatisfy({ self.isConstant($0) }) else { return index }
        let value = self.compute(index, self.folding)
        if let error = value.error {
            self.report(error, at: node)
            return index
        }
        guard let kept = self.constants.copy(value) else { return index }
        return self.add(constant: kept, at: node)
    }

    /// In rules, a constant that has no value is a mistake; in CEL it is an error of the evaluation.
    private mutating func report(_ error: EvaluationError, at node: SyntaxNode) {
        guard self.mode == .rules, error.code != .limitExceeded else { return }
        self.problems.append(self.source.problem("this has no value: \(error)", at: node.offset))
    }

    // MARK: Nodes

    mutating func emit(_ node: SyntaxNode) -> Int32 {
        switch node.kind {
        case .literal(let literal): return self.add(constant: self.value(literal), at: node)
        case .identifier: return self.name(node)
        case .select(let operand, let field):
            if case .none = node.resolution { return self.select(operand, Array(field.utf8), .select, node) }
            return self.name(node)
        case .test(let operand, let field):
            guard case .attribute(let id) = node.resolution else {
                if case .missing(let code, let subject) = node.resolution {
                    return self.failure(code, subject, at: node)
                }
                return self.select(operand, Array(field.utf8), .test, node)
            }
            self.references.insert(AttributeReference(id: id))
            var instruction = Instruction(.attributePresence)
            instruction.x = Int32(bitPattern: id.rawValue)
            return self.add(instruction, at: node)
        case .call(_, let target, let arguments): return self.call(target, arguments, node)
        case .list(let elements): return self.collection(.list, elements, node)
        case .map(let entries): return self.collection(.map, entries.flatMap { [$0.key, $0.value] }, node)
        case .message(_, let fields): return self.message(fields.map(\.field), fields.map(\.value), node)
        case .comprehension(let comprehension): return self.comprehension(comprehension, node)
        case .bind(_, let value, let body):
            var instruction = Instruction(.bind)
            instruction.x = self.emit(value)
            instruction.y = self.emit(body)
            if case .slots(let slot) = node.resolution { instruction.z = Int32(slot) }
            return self.add(instruction, at: node)
        }
    }

    private func value(_ literal: Literal) -> Value {
        switch literal {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .uint(let value): .uint(value)
        case .double(let value): .double(value)
        case .string(let bytes): .string(self.copy(bytes))
        case .bytes(let bytes): .bytes(self.copy(bytes))
        }
    }

    private mutating func name(_ node: SyntaxNode) -> Int32 {
        switch node.resolution {
        case .attribute(let id):
            self.references.insert(AttributeReference(id: id))
            return self.attribute(id, node)
        case .local(let slot):
            var instruction = Instruction(.local)
            instruction.x = Int32(slot)
            return self.add(instruction, at: node)
        case .typeName("google.protobuf.NullValue.NULL_VALUE"): return self.add(constant: .null, at: node)
        case .typeName(let name):
            return self.add(constant: Value(.type, self.copy(Array(name.utf8))), at: node)
        case .missing(let code, let subject): return self.failure(code, subject, at: node)
        default: return self.failure(.unknownName, node.qualifiedName ?? "", at: node)
        }
    }

    private mutating func attribute(_ id: AttributeID, _ node: SyntaxNode) -> Int32 {
        var instruction = Instruction(.attribute)
        instruction.x = Int32(bitPattern: id.rawValue)
        let name = Array(self.manifest[id].name.utf8)
        instruction.constant = Value.error(.absentAttribute, self.copy(name)).at(UInt32(node.rootOffset))
        return self.add(instruction, at: node)
    }

    /// `operand.key`, `operand['key']` or `has(operand.key)`.
    mutating func select(
        _ operand: SyntaxNode, _ key: [UInt8], _ opcode: Instruction.Opcode, _ node: SyntaxNode
    ) -> Int32 {
        var instruction = Instruction(opcode)
        if case .attribute(let id) = operand.resolution, self.manifest[id].type == .map(.string, .string) {
            // Only this entry is needed.
            self.references.insert(AttributeReference(id: id, key: key))
            instruction.x = self.attribute(id, operand)
        } else {
            instruction.x = self.emit(operand)
        }
        instruction.constant = .string(self.copy(key))
        let operand = instruction.x
        return self.folded(self.add(instruction, at: node), [operand], at: node)
    }

    mutating func collection(
        _ opcode: Instruction.Opcode, _ elements: [SyntaxNode], _ node: SyntaxNode
    ) -> Int32 {
        let indices = elements.map { self.emit($0) }
        var instruction = Instruction(opcode)
        instruction.x = Int32(self.children.count)
        instruction.count = UInt32(indices.count)
        self.children += indices
        return self.folded(self.add(instruction, at: node), indices, at: node)
    }

    mutating func keep(_ pattern: Pattern) { self.patterns.append(pattern) }
}
