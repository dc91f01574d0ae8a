public import PosternSDK

/// A text, often a header's value, in which `%{attribute}` stands for an attribute's value; `%%` is a
/// percent sign.
public struct ValueTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case attribute(Attribute)
    }

    private let parts: [Part]
    /// The whole value when no attribute is in it.
    public let literal: String?

    /// - Parameter isText: Line breaks and other control characters are allowed, as no header has them.
    /// - Throws: ``ConfigProblem`` for control characters, an unclosed `%{`, or what is no attribute.
    public init(
        _ value: String, at pointer: String, host: borrowing FilterHost, isText: Bool = false
    ) throws(ConfigProblem) {
        if !isText, value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
            throw ConfigProblem(pointer, "must not hold control characters")
        }
        var parts: [Part] = []
        var text = ""
        var rest = Substring(value)
        while let percent = rest.firstIndex(of: "%") {
            text += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                text.append("%")
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw ConfigProblem(pointer, "'%{' without '}'; write '%%' for a percent sign")
                }
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                let expression = rest[rest.index(after: rest.startIndex)..<end]
                parts.append(.attribute(try host.attribute(String(expression), at: pointer)))
                rest = rest[rest.index(after: end)...]
            } else {
                text.append("%")
            }
        }
        text += rest
        self.literal = parts.isEmpty ? text : nil
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }

    /// The value for this exchange; an attribute that it lacks leaves nothing.
    public func text(for stream: borrowing some HTTPStream & ~Copyable) -> String {
        var text = ""
        for part in self.parts {
            switch part {
            case .text(let literal): text += literal
            case .attribute(let attribute): text += stream.text(attribute) ?? ""
            }
        }
        return text
    }
}
