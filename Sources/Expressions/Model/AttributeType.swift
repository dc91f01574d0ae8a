/// The types that a manifest may give an attribute: those of Istio's vocabulary.
public enum AttributeType: String, Sendable, Hashable, CaseIterable {
    case string = "STRING"
    case int64 = "INT64"
    case double = "DOUBLE"
    case bool = "BOOL"
    case timestamp = "TIMESTAMP"
    case duration = "DURATION"
    case ipAddress = "IP_ADDRESS"
    case uri = "URI"
    case dnsName = "DNS_NAME"
    case emailAddress = "EMAIL_ADDRESS"
    case stringMap = "STRING_MAP"

    /// What the attribute is to an expression.
    public var expressionType: ExpressionType {
        switch self {
        case .string, .uri, .dnsName, .emailAddress: .string
        case .int64: .int
        case .double: .double
        case .bool: .bool
        case .timestamp: .timestamp
        case .duration: .duration
        case .ipAddress: .ip
        case .stringMap: .map(.string, .string)
        }
    }
}
