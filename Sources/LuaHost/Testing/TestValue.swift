internal import Filtering
internal import GatewayConfig
internal import Primitives

// Reading what a test says, and telling it what happened: trees of JSON.

extension ConfigNode {
    /// The text at `key`; a number stands for its digits.
    func text(_ key: String) -> String? {
        switch self[key]?.value {
        case .string(let text): text
        case .integer(let integer): String(integer)
        case .number(let number): "\(number)"
        default: nil
        }
    }

    func integer(_ key: String) -> Int? {
        switch self[key]?.value {
        case .integer(let integer): integer
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }

    var list: [ConfigNode] {
        if case .array(let elements) = self.value { elements } else { [] }
    }

    var entries: [Member] {
        if case .object(let members) = self.value { members } else { [] }
    }

    /// Pieces of a body: `chunks`, or `body` in one piece.
    var pieces: [String] {
        if let chunks = self["chunks"] { return chunks.list.compactMap(\.plainText) }
        return self.text("body").map { $0.isEmpty ? [] : [$0] } ?? []
    }

    var plainText: String? {
        if case .string(let text) = self.value { text } else { nil }
    }

    /// Fields of an object: a value may be a list.
    func fields(_ key: String) -> [(name: String, value: String)] {
        (self[key]?.entries ?? []).flatMap { member -> [(name: String, value: String)] in
            switch member.value.value {
            case .array(let values): values.compactMap(\.plainText).map { (member.key, $0) }
            case .integer(let integer): [(member.key, "\(integer)")]
            case .string(let text): [(member.key, text)]
            default: []
            }
        }
    }

    /// Fields in order, as pairs.
    init(fields block: HeaderBlock) {
        self.init(
            .array(
                (0..<block.count).map { index in
                    let field = block[index]
                    return [
                        ConfigNode(.string(block.name(field).string.lowercased())),
                        ConfigNode(.string(block.value(field).string)),
                    ]
                }))
    }

    init(_ text: String?) { self.init(text.map { .string($0) } ?? .null) }
}

extension HeaderBlock {
    func add(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields {
            _ = name.withByteView { name in value.withByteView { self.add(name, $0) } }
        }
    }

    func set(pseudo name: StaticString, _ value: String) {
        _ = value.withByteView { self.set(ByteView(name), $0) }
    }
}
