extension Parser {
    /// `has(e.f)`.
    func presence(_ arguments: [SyntaxNode], at offset: Int) throws(SyntaxError) -> SyntaxNode {
        guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
            throw SyntaxError("has() takes one selection, such as has(request.headers.host)", at: offset)
        }
        return try self.node(.test(operand, field: field), at: offset, above: [operand])
    }

    /// The macro that a call with a receiver is; nil when it is a function.
    func macro(
        _ name: Token, of target: SyntaxNode, _ arguments: [SyntaxNode]
    ) throws(SyntaxError) -> SyntaxNode? {
        let count = arguments.count
        switch name.text {
        case "bind" where target.qualifiedName == "cel" && count == 3:
            let variable = try self.variable(arguments[0])
            return try self.node(
                .bind(variable, arguments[1], arguments[2]), at: name.offset, above: Array(arguments[1...]))
        case "all" where count == 2 || count == 3:
            return try self.comprehension(.all, target, arguments, variables: count - 1, name)
        case "exists" where count == 2 || count == 3:
            return try self.comprehension(.exists, target, arguments, variables: count - 1, name)
        case "exists_one" where count == 2 || count == 3, "existsOne" where count == 2 || count == 3:
            return try self.comprehension(.existsOne, target, arguments, variables: count - 1, name)
        case "map" where count == 2 || count == 3:
            return try self.comprehension(.map, target, arguments, variables: 1, name)
        case "filter" where count == 2:
            return try self.comprehension(.filter, target, arguments, variables: 1, name)
        case "transformList" where count == 3 || count == 4:
            return try self.comprehension(.transformList, target, arguments, variables: 2, name)
        case "transformMap" where count == 3 || count == 4:
            return try self.comprehension(.transformMap, target, arguments, variables: 2, name)
        case "transformMapEntry" where count == 3 || count == 4:
            return try self.comprehension(.transformMapEntry, target, arguments, variables: 2, name)
        default: return nil
        }
    }

    private func comprehension(
        _ macro: Comprehension.Macro, _ range: SyntaxNode, _ arguments: [SyntaxNode], variables: Int,
        _ name: Token
    ) throws(SyntaxError) -> SyntaxNode {
        var names: [String] = []
        for argument in arguments.prefix(variables) { names.append(try self.variable(argument)) }
        if names.count == 2, names[0] == names[1] {
            throw SyntaxError("the two variables need different names", at: arguments[1].offset)
        }
        let rest = arguments.dropFirst(variables)
        guard var body = rest.last else { throw SyntaxError("the macro has no body", at: name.offset) }
        var entryValue: SyntaxNode?
        if macro == .transformMapEntry {
            guard case .map(let entries) = body.kind, entries.count == 1 else {
                throw SyntaxError(
                    "transformMapEntry() makes a map of one entry: {key: value}", at: body.offset)
            }
            body = entries[0].key
            entryValue = entries[0].value
        }
        let comprehension = Comprehension(
            macro: macro, range: range, variables: names, condition: rest.count > 1 ? rest.first : nil,
            body: body, entryValue: entryValue)
        return try self.node(.comprehension(comprehension), at: name.offset, above: [range] + Array(rest))
    }

    private func variable(_ node: SyntaxNode) throws(SyntaxError) -> String {
        guard case .identifier(let name) = node.kind, !name.hasPrefix(".") else {
            throw SyntaxError("a macro's variable is a simple name", at: node.offset)
        }
        return name
    }
}
