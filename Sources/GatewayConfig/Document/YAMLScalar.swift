/// What a plain scalar means in YAML 1.2's core schema (yaml.org/spec/1.2.2, 10.3.2).
enum YAMLScalar {
    /// - Returns: nil for what is a number but not finite: `.inf`, `.nan`, `1e999`.
    static func value(of text: String) -> ConfigNode.Value? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return nil
        default: break
        }
        var digits = text[...]
        if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
        if [".inf", ".Inf", ".INF"].contains(digits) { return nil }
        if let number = Self.radix(text) { return number }
        guard Self.isNumber(digits.utf8) else { return .string(text) }
        if let integer = Int(text) { return .integer(integer) }
        // Swift wants a digit before the point, YAML does not.
        let sign = text.hasPrefix("-") ? "-" : ""
        guard let number = Double("\(sign)0\(digits)"), number.isFinite else { return nil }
        return .number(number)
    }

    /// `0o17` and `0x1F`.
    private static func radix(_ text: String) -> ConfigNode.Value? {
        for (prefix, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard digits.first != "-", digits.first != "+" else { return nil }
            return Int(digits, radix: radix).map { .integer($0) }
        }
        return nil
    }

    /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isNumber(_ text: Substring.UTF8View) -> Bool {
        var rest = text
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.first == 0x2E {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: isDigit)
            if whole.isEmpty, fraction.isEmpty { return false }
            rest = rest.dropFirst(fraction.count)
        } else if whole.isEmpty {
            return false
        }
        if rest.first == 0x65 || rest.first == 0x45 {
            rest = rest.dropFirst()
            if rest.first == 0x2D || rest.first == 0x2B { rest = rest.dropFirst() }
            if rest.isEmpty { return false }
            return rest.allSatisfy(isDigit)
        }
        return rest.isEmpty
    }
}
