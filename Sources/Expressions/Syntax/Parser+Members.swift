extension Parser {
    /// A primary expression and what follows it: selections, calls, indices.
    mutating func member(isNegative: Bool = false) throws(SyntaxError) -> SyntaxNode {
        var node = try self.primary(isNegative: isNegative)
        while true {
            let offset = self.token.offset
            if self.take(".") {
                node = try self.selection(of: node)
            } else if self.take("[") {
                let index = try self.expression()
                try self.expect("]")
                node = try self.call("_[_]", [node, index], at: offset)
            } else if self.token.isSymbol("{"), let name = node.qualifiedName {
                node = try self.message(name, at: node.rootOffset)
            } else {
                return node
            }
        }
    }

    private mutating func selection(of operand: SyntaxNode) throws(SyntaxError) -> SyntaxNode {
        let name = self.token
        if name.isSymbol("?") {
            throw SyntaxError("optional values ('.?') are not supported", at: name.offset)
        }
        guard name.kind == .identifier || name.kind == .quotedIdentifier else {
            throw self.unexpected("a field's name")
        }
        self.advance()
        if name.kind == .identifier, ["in", "true", "false", "null"].contains(name.text) {
            throw SyntaxError("'\(name.text)' is no field's name; write ['\(name.text)']", at: name.offset)
        }
        guard name.kind == .identifier, self.take("(") else {
            return try self.node(.select(operand, field: name.text), at: name.offset, above: [operand])
        }
        let arguments = try self.arguments(until: ")")
        if let macro = try self.macro(name, of: operand, arguments) { return macro }
        return try self.node(
            .call(name.text, target: operand, arguments), at: name.offset, above: [operand] + arguments)
    }

    mutating func arguments(until end: String) throws(SyntaxError) -> [SyntaxNode] {
        var arguments: [SyntaxNode] = []
        while !self.take(end) {
            if self.token.isSymbol("?") {
                throw SyntaxError("optional elements ('?') are not supported", at: self.token.offset)
            }
            arguments.append(try self.expression())
            if self.take(end) { break }
            guard self.take(",") else { throw self.unexpected("',' or '\(end)'") }
            // A list may end with a comma, a call may not.
            if end == ")", self.token.isSymbol(")") { throw self.unexpected("an expression") }
        }
        return arguments
    }

    private mutating func message(_ name: String, at offset: Int) throws(SyntaxError) -> SyntaxNode {
        try self.expect("{")
        var fields: [(field: String, value: SyntaxNode)] = []
        while !self.take("}") {
            let field = self.token
            guard field.kind == .identifier || field.kind == .quotedIdentifier else {
                throw self.unexpected("a field's name")
            }
            self.advance()
            try self.expect(":")
            fields.append((field.text, try self.expression()))
            if self.take("}") { break }
            guard self.take(",") else { throw self.unexpected("',' or '}'") }
        }
        return try self.node(.message(name, fields), at: offset, above: fields.map(\.value))
    }

    private mutating func primary(isNegative: Bool) throws(SyntaxError) -> SyntaxNode {
        let token = self.token
        switch token.kind {
        case .int, .uint, .double:
            self.advance()
            return try self.node(
                .literal(try self.number(token, isNegative: isNegative)), at: token.offset)
        case .string:
            self.advance()
            return try self.node(.literal(.string(token.content)), at: token.offset)
        case .bytes:
            self.advance()
            return try self.node(.literal(.bytes(token.content)), at: token.offset)
        case .identifier: return try self.identifier(isRooted: false)
        case .symbol where token.text == "(":
            self.advance()
            let inner = try self.expression()
            try self.expect(")")
            return inner
        case .symbol where token.text == "[":
            self.advance()
            let elements = try self.arguments(until: "]")
            return try self.node(.list(elements), at: token.offset, above: elements)
        case .symbol where token.text == "{": return try self.map()
        case .symbol where token.text == ".":
            self.advance()
            return try self.identifier(isRooted: true)
        default: throw self.unexpected("an expression")
        }
    }

    private mutating func map() throws(SyntaxError) -> SyntaxNode {
        let offset = self.advance().offset
        var entries: [(key: SyntaxNode, value: SyntaxNode)] = []
        while !self.take("}") {
            if self.token.isSymbol("?") {
                throw SyntaxError("optional entries ('?') are not supported", at: self.token.offset)
            }
            let key = try self.expression()
            try self.expect(":")
            entries.append((key, try self.expression()))
            if self.take("}") { break }
            guard self.take(",") else { throw self.unexpected("',' or '}'") }
        }
        return try self.node(.map(entries), at: offset, above: entries.flatMap { [$0.key, $0.value] })
    }

    private mutating func identifier(isRooted: Bool) throws(SyntaxError) -> SyntaxNode {
        let token = self.token
        guard token.kind == .identifier else { throw self.unexpected("a name") }
        self.advance()
        switch token.text {
        case "true" where !isRooted: return try self.node(.literal(.bool(true)), at: token.offset)
        case "false" where !isRooted: return try self.node(.literal(.bool(false)), at: token.offset)
        case "null" where !isRooted: return try self.node(.literal(.null), at: token.offset)
        case "true", "false", "null", "in":
            throw SyntaxError("expected an expression, found '\(token.text)'", at: token.offset)
        case let word where self.isReserved(word):
            throw SyntaxError("'\(word)' is a reserved word", at: token.offset)
        default: break
        }
        let name = isRooted ? ".\(token.text)" : token.text
        guard self.take("(") else { return try self.node(.identifier(name), at: token.offset) }
        let arguments = try self.arguments(until: ")")
        if name == "has" { return try self.presence(arguments, at: token.offset) }
        return try self.call(name, arguments, at: token.offset)
    }

    private func number(_ token: Token, isNegative: Bool) throws(SyntaxError) -> Literal {
        let isHexadecimal = token.text.hasPrefix("0x") || token.text.hasPrefix("0X")
        let digits = isHexadecimal ? String(token.text.dropFirst(2)) : token.text
        let sign = isNegative ? "-" : ""
        let radix = isHexadecimal ? 16 : 10
        switch token.kind {
        case .int:
            if let value = Int64(sign + digits, radix: radix) { return .int(value) }
            throw SyntaxError("\(sign)\(token.text) is no 64-bit integer", at: token.offset)
        case .uint:
            if let value = UInt64(digits, radix: radix) { return .uint(value) }
            throw SyntaxError("\(token.text)u is no 64-bit integer", at: token.offset)
        default:
            if let value = Double(sign + digits), value.isFinite { return .double(value) }
            throw SyntaxError("\(sign)\(token.text) is too large", at: token.offset)
        }
    }
}
