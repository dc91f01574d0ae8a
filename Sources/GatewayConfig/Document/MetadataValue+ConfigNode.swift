public import Primitives

extension MetadataValue {
    /// A value of a configuration; a secret is none.
    public init(_ node: ConfigNode) {
        switch node.value {
        case .null, .secret: self = .null
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .number(Double(integer))
        case .number(let number): self = .number(number)
        case .string(let string): self = .text(string)
        case .array(let elements): self = .list(elements.map(MetadataValue.init))
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.key, MetadataValue($0.value)) }) { $1 })
        }
    }

    /// Whole numbers are written without a fraction, keys in order.
    public var node: ConfigNode {
        switch self {
        case .null: ConfigNode(.null)
        case .bool(let bool): ConfigNode(.bool(bool))
        case .number(let number):
            ConfigNode(Int(exactly: number).map { .integer($0) } ?? .number(number))
        case .text(let text): ConfigNode(.string(text))
        case .list(let elements): ConfigNode(.array(elements.map(\.node)))
        case .object(let members):
            ConfigNode(
                .object(members.sorted { $0.key < $1.key }.map { ConfigNode.Member($0.key, $0.value.node) }))
        }
    }
}
