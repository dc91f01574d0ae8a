extension Checker {
    mutating func call(
        _ name: String, _ target: SyntaxNode?, _ arguments: [SyntaxNode], _ node: SyntaxNode
    ) -> ExpressionType {
        // `math.abs(x)` is a function of a qualified name, not a member of something called `math`.
        if let target, let prefix = target.qualifiedName, !self.beginsWithLocal(target) {
            for candidate in self.candidates("\(prefix).\(name)") where self.isFunction(candidate) {
                target.resolution = .typeName("")
                return self.resolve(candidate, isMember: false, arguments, node)
            }
        }
        if let target { return self.resolve(name, isMember: true, [target] + arguments, node) }
        let known = self.candidates(name).first { self.isFunction($0) }
        return self.resolve(known ?? name, isMember: false, arguments, node)
    }

    private func isFunction(_ name: String) -> Bool {
        self.table[name] != nil || self.manifest.functions.contains { $0.name == name }
    }

    private mutating func resolve(
        _ name: String, isMember: Bool, _ arguments: [SyntaxNode], _ node: SyntaxNode
    ) -> ExpressionType {
        let types = arguments.map { self.check($0) }
        let entry = self.table[name]
        let declared = self.manifest.functions.filter { $0.name == name }.map(\.signature)
        let signatures = ((entry?.signatures ?? []) + declared).filter { $0.isMember == isMember }
        guard !signatures.isEmpty else {
            let names = self.table.entries.values.lazy.filter { entry in
                entry.signatures.contains { $0.isMember == isMember }
            }
            let near = NearestName.of(name, among: names.map(\.name))
            self.report(
                "unknown function '\(name)'\(near.map { "; did you mean '\($0)'?" } ?? "")", at: node.offset)
            node.resolution = .missing(.noSuchFunction, name)
            return self.isChecked ? .failure : .dyn
        }
        if let entry { node.resolution = .function(entry.function) }
        if let entry, entry.isVariadic { return self.extremum(entry, types, arguments, node) }
        if !self.isChecked, !signatures.contains(where: { $0.parameters.count == arguments.count }) {
            node.resolution = .missing(.noSuchOverload, name)
            return .dyn
        }
        guard let result = self.overload(signatures, types) else {
            self.reportOverload(name, isMember: isMember, types, signatures, node)
            return self.isChecked ? .failure : .dyn
        }
        if entry == nil { node.resolution = .missing(.noSuchFunction, name) }
        return result
    }

    /// The result of the signatures that take `types`; nil when none does.
    private mutating func overload(_ signatures: [Signature], _ types: [ExpressionType]) -> ExpressionType? {
        var matching: [(parameters: [ExpressionType], result: ExpressionType)] = []
        for signature in signatures where signature.parameters.count == types.count {
            var attempt = self.unifier
            let instance = attempt.instance(signature)
            if attempt.unify(instance.parameters, types) {
                matching.append((signature.parameters, signature.result))
            }
        }
        guard let first = matching.first else { return nil }
        guard matching.count == 1 else {
            // Only the evaluation will know which one it is.
            return matching.allSatisfy { $0.result == first.result && Self.isConcrete($0.result) }
                ? first.result : .dyn
        }
        let signature = Signature(isMember: false, parameters: first.parameters, result: first.result)
        let instance = self.unifier.instance(signature)
        _ = self.unifier.unify(instance.parameters, types)
        return instance.result
    }

    private static func isConcrete(_ type: ExpressionType) -> Bool {
        switch type {
        case .parameter: false
        case .list(let element): Self.isConcrete(element)
        case .map(let key, let value): Self.isConcrete(key) && Self.isConcrete(value)
        case .type(let of): of.map { Self.isConcrete($0) } ?? true
        case .opaque(_, let parameters): parameters.allSatisfy { Self.isConcrete($0) }
        default: true
        }
    }

    /// `math.greatest` and `math.least`: numbers, or one list of numbers.
    private mutating func extremum(
        _ entry: FunctionTable.Entry, _ types: [ExpressionType], _ arguments: [SyntaxNode], _ node: SyntaxNode
    ) -> ExpressionType {
        guard !types.isEmpty else {
            self.report("\(entry.name)() needs at least one number", at: node.offset)
            node.resolution = .missing(.noSuchOverload, entry.name)
            return .dyn
        }
        var numbers = types.map { self.unifier.resolve($0) }
        if numbers.count == 1, case .list(let element) = numbers[0] {
            numbers = [self.unifier.resolve(element)]
        }
        for (index, type) in numbers.enumerated() {
            switch type {
            case .int, .uint, .double, .dyn, .variable, .failure: break
            case .wrapper(let primitive) where [.int, .uint, .double].contains(primitive): break
            default:
                self.report(
                    "\(entry.name)() takes numbers, not \(self.show(type))", at: arguments[index].offset)
            }
        }
        return numbers.dropFirst().allSatisfy { $0 == numbers[0] } ? numbers[0] : .dyn
    }

    private mutating func reportOverload(
        _ name: String, isMember: Bool, _ types: [ExpressionType], _ signatures: [Signature],
        _ node: SyntaxNode
    ) {
        let shown = types.map { self.show($0) }
        let message: String
        if name == "_?_:_", shown.count == 3 {
            message = "'? :' needs a bool and two values of one type, has \(shown.joined(separator: ", "))"
        } else if name.contains("_") && !name.contains(".") || name == "@in" {
            let spelling = name == "@in" ? "in" : name.filter { $0 != "_" }
            message = "'\(spelling)' cannot be applied to \(shown.joined(separator: " and "))"
        } else {
            let call = Self.spell(name, isMember: isMember, shown)
            let known = signatures.map {
                Self.spell(name, isMember: isMember, $0.parameters.map(\.description))
            }
            message = "there is no \(call); there is \(known.joined(separator: ", "))"
        }
        self.report(message, at: node.offset)
    }

    private static func spell(_ name: String, isMember: Bool, _ types: [String]) -> String {
        let arguments = types.dropFirst(isMember ? 1 : 0).joined(separator: ", ")
        return (isMember ? "\(types[0])." : "") + "\(name)(\(arguments))"
    }

    mutating func comprehension(_ comprehension: Comprehension, _ node: SyntaxNode) -> ExpressionType {
        let rangeType = self.check(comprehension.range)
        let range = self.unifier.resolve(rangeType)
        let isPair = comprehension.variables.count == 2
        var types: [ExpressionType]
        switch range {
        case .list(let element): types = isPair ? [.int, element] : [element]
        case .map(let key, let value): types = isPair ? [key, value] : [key]
        case .dyn, .failure, .variable: types = isPair ? [.dyn, .dyn] : [.dyn]
        default:
            self.report(
                "a macro goes over a list or a map, not \(self.show(range))", at: comprehension.range.offset)
            types = isPair ? [.failure, .failure] : [.failure]
        }
        node.resolution = .slots(self.locals.count)
        let names = Array(zip(comprehension.variables, types))
        return self.with(names) { checker in
            if let condition = comprehension.condition { checker.predicate(condition) }
            switch comprehension.macro {
            case .all, .exists, .existsOne:
                checker.predicate(comprehension.body)
                return .bool
            case .filter:
                checker.predicate(comprehension.body)
                return .list(types[0])
            case .map, .transformList: return .list(checker.check(comprehension.body))
            case .transformMap: return .map(types[0], checker.check(comprehension.body))
            case .transformMapEntry:
                let key = checker.check(comprehension.body)
                return .map(key, comprehension.entryValue.map { checker.check($0) } ?? .dyn)
            }
        }
    }

    private mutating func predicate(_ node: SyntaxNode) {
        let type = self.check(node)
        if !self.unifier.unify([.bool], [type]) {
            self.report("the condition must be bool, is \(self.show(type))", at: node.offset)
        }
    }
}
