extension ConfigNode {
    /// Whether a secret's text is printed.
    public enum SecretPrinting: Sendable, Hashable {
        /// As `"<redacted>"`: for everything that somebody may see.
        case redacted
        /// As it is: for the plugin that asked for it, and for nothing else.
        case revealed
    }

    /// The value as JSON, members in their order.
    ///
    /// - Parameter indented: On several lines, two spaces a level; else on one line without spaces.
    public func json(secrets: SecretPrinting = .redacted, indented: Bool = false) -> String {
        var text = ""
        self.write(to: &text, secrets: secrets, indentation: indented ? 0 : nil)
        return text
    }

    private func write(to text: inout String, secrets: SecretPrinting, indentation: Int?) {
        switch self.value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number): text += Self.spelling(of: number)
        case .string(let string): Self.write(string, to: &text)
        case .secret(let secret): Self.write(secrets == .revealed ? secret.reveal() : "\(secret)", to: &text)
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &text, indentation) { element, inner, text in
                element.write(to: &text, secrets: secrets, indentation: inner)
            }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &text, indentation) { member, inner, text in
                Self.write(member.key, to: &text)
                text += inner == nil ? ":" : ": "
                member.value.write(to: &text, secrets: secrets, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between open: String, _ close: String, to text: inout String, _ indentation: Int?,
        each: (Item, Int?, inout String) -> Void
    ) {
        text += open
        let inner = indentation.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            each(item, inner, &text)
        }
        if let indentation, !items.isEmpty { text += "\n" + String(repeating: " ", count: indentation) }
        text += close
    }

    /// Swift's shortest spelling reads back as the same number, but for `1e+20` it needs no change to be
    /// JSON.
    private static func spelling(of number: Double) -> String {
        number.isFinite ? "\(number)" : "null"
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
