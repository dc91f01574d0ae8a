/// Reads the notation of ``Signature``.
struct SignatureReader {
    private var rest: Substring

    init(_ text: String) { self.rest = text.filter { $0 != " " }[...] }

    mutating func signature() -> Signature? {
        var parameters: [ExpressionType] = []
        let isMember = !self.rest.hasPrefix("(")
        if isMember {
            guard let receiver = self.type(), self.take(".") else { return nil }
            parameters.append(receiver)
        }
        guard self.take("(") else { return nil }
        while !self.take(")") {
            guard let parameter = self.type() else { return nil }
            parameters.append(parameter)
            _ = self.take(",")
        }
        guard self.take(":"), let result = self.type(), self.rest.isEmpty else { return nil }
        return Signature(isMember: isMember, parameters: parameters, result: result)
    }

    private mutating func take(_ text: String) -> Bool {
        guard self.rest.hasPrefix(text) else { return false }
        self.rest.removeFirst(text.count)
        return true
    }

    private static let simple: [Substring: ExpressionType] = [
        "null": .null, "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string,
        "bytes": .bytes, "timestamp": .timestamp, "duration": .duration, "ip": .ip, "cidr": .cidr,
        "dyn": .dyn,
    ]

    private mutating func type() -> ExpressionType? {
        let name = self.rest.prefix { $0.isLetter }
        self.rest = self.rest[name.endIndex...]
        if let simple = Self.simple[name] { return simple }
        switch name {
        case "list":
            guard self.take("("), let element = self.type(), self.take(")") else { return nil }
            return .list(element)
        case "map":
            guard self.take("("), let key = self.type(), self.take(","), let value = self.type(),
                self.take(")")
            else { return nil }
            return .map(key, value)
        case "type":
            guard self.take("("), let of = self.type(), self.take(")") else { return nil }
            return .type(of)
        case "A", "B": return .parameter(String(name))
        default: return nil
        }
    }
}
