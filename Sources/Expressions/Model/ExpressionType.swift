/// The type that a value has before it is known: CEL's types, with what a list, a map or a type holds.
public indirect enum ExpressionType: Hashable, Sendable {
    case null, bool, int, uint, double, string, bytes, timestamp, duration, ip, cidr
    /// Any value: what is known only when evaluated.
    case dyn
    case list(ExpressionType)
    case map(ExpressionType, ExpressionType)
    /// The type of types; of which, when that is known.
    case type(ExpressionType?)
    /// A value of a primitive type, or null.
    case wrapper(ExpressionType)
    /// A type of the environment's own, with its parameters.
    case opaque(String, [ExpressionType])
    /// A parameter of a function's signature.
    case parameter(String)
    /// A type to be found out; within the checker only.
    case variable(Int)
    /// The type of what has a problem already; goes with every other.
    case failure
}

extension ExpressionType: CustomStringConvertible {
    /// As messages and the documentation write it: `map(string, list(int))`.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .ip: "ip"
        case .cidr: "cidr"
        case .dyn, .variable, .failure: "dyn"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .type(let of): of.map { "type(\($0))" } ?? "type"
        case .wrapper(let primitive): "wrapper(\(primitive))"
        case .opaque(let name, let parameters):
            parameters.isEmpty
                ? name : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
        case .parameter(let name): name
        }
    }
}
