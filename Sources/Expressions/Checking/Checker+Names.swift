extension Checker {
    private static let typeNames: [String: ExpressionType] = [
        "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
        "null_type": .null, "list": .list(.dyn), "map": .map(.dyn, .dyn), "type": .type(nil),
        "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration, "net.IP": .ip,
        "net.CIDR": .cidr,
    ]

    /// The absolute names that a name may mean, in the order in which they are tried.
    func candidates(_ name: String) -> [String] {
        if name.hasPrefix(".") { return [String(name.dropFirst())] }
        var candidates: [String] = []
        var container = self.manifest.container[...]
        while !container.isEmpty {
            candidates.append("\(container).\(name)")
            container = container.lastIndex(of: ".").map { container[..<$0] } ?? ""
        }
        return candidates + [name]
    }

    /// What a global name stands for.
    private func global(_ name: String) -> (SyntaxNode.Resolution, ExpressionType)? {
        for candidate in self.candidates(name) {
            if let id = self.manifest.id(candidate) { return (.attribute(id), self.manifest[id].type) }
            if let type = Self.typeNames[candidate] { return (.typeName(candidate), .type(type)) }
            if candidate == "google.protobuf.NullValue.NULL_VALUE" { return (.typeName(candidate), .null) }
        }
        return nil
    }

    func local(_ name: String) -> Local? { self.locals.last { $0.name == name } }

    /// Whether the leftmost name of a chain is a macro's variable.
    func beginsWithLocal(_ node: SyntaxNode) -> Bool {
        switch node.kind {
        case .identifier(let name): self.local(name) != nil
        case .select(let operand, _): self.beginsWithLocal(operand)
        default: false
        }
    }

    mutating func identifier(_ name: String, _ node: SyntaxNode) -> ExpressionType {
        if let local = self.local(name) {
            node.resolution = .local(local.slot)
            return local.type
        }
        if let (resolution, type) = self.global(name) {
            node.resolution = resolution
            return type
        }
        return self.unknown(name, node)
    }

    mutating func unknown(_ name: String, _ node: SyntaxNode) -> ExpressionType {
        let name = name.hasPrefix(".") ? String(name.dropFirst()) : name
        let near = NearestName.of(name, among: self.manifest.entries.lazy.map(\.name))
        let hint = near.map { "; did you mean '\($0)'?" } ?? ""
        self.report("unknown attribute '\(name)'\(hint)", at: node.rootOffset)
        node.resolution = .missing(.unknownName, name)
        return self.isChecked ? .failure : .dyn
    }

    mutating func select(_ operand: SyntaxNode, _ field: String, _ node: SyntaxNode) -> ExpressionType {
        if let name = node.qualifiedName, !self.beginsWithLocal(node) {
            if let (resolution, type) = self.global(name) {
                node.resolution = resolution
                return type
            }
            // When no part of the chain is known, the whole of it is what the message should name.
            if !self.anyPrefixIsKnown(operand) { return self.unknown(name, node) }
        }
        return self.field(field, of: operand, node)
    }

    private func anyPrefixIsKnown(_ node: SyntaxNode) -> Bool {
        if let name = node.qualifiedName, self.global(name) != nil { return true }
        if case .select(let operand, _) = node.kind { return self.anyPrefixIsKnown(operand) }
        return false
    }

    private mutating func field(_ field: String, of operand: SyntaxNode, _ node: SyntaxNode) -> ExpressionType
    {
        let operandType = self.check(operand)
        let type = self.unifier.resolve(operandType)
        switch type {
        case .map(let key, let value):
            if !self.unifier.unify([key], [.string]) {
                self.report(
                    "'.\(field)' needs a map with strings as keys, this is \(self.show(type))",
                    at: node.offset)
            }
            return value
        case .dyn, .failure, .variable: return .dyn
        default:
            self.report("\(self.show(type)) has no field '\(field)'", at: node.offset)
            return self.isChecked ? .failure : .dyn
        }
    }

    mutating func test(_ operand: SyntaxNode, _ field: String, _ node: SyntaxNode) -> ExpressionType {
        if let prefix = operand.qualifiedName, !self.beginsWithLocal(operand) {
            let name = "\(prefix).\(field)"
            if case (.attribute(let id), _)? = self.global(name) {
                node.resolution = .attribute(id)
                return .bool
            }
            if !self.anyPrefixIsKnown(operand) {
                _ = self.unknown(name, node)
                return .bool
            }
        }
        _ = self.field(field, of: operand, node)
        return .bool
    }
}
