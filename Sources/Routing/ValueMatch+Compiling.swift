internal import Filtering
internal import GatewayConfig

extension ValueMatch {
    var kind: ValueCondition.Kind {
        switch self {
        case .exact: .exact
        case .prefix: .prefix
        case .suffix: .suffix
        case .contains: .contains
        case .regex: .regex
        case .present: .present
        case .absent: .absent
        }
    }

    /// What the value is compared with; empty where nothing is.
    var text: String {
        switch self {
        case .exact(let text), .prefix(let text), .suffix(let text), .contains(let text): text
        case .regex, .present, .absent: ""
        }
    }
}

extension ValueCondition {
    /// Where the field is found; a header block keeps the Host field as its authority.
    static func source(ofField name: String, _ id: HeaderID) -> Source {
        if id == .host { return .authority }
        if name.hasPrefix(":") { return .pseudo }
        return id == .other ? .other : .known
    }
}
