/// Messages of `google.protobuf` that are values of CEL's own types.
enum WellKnownMessage: String, CaseIterable, Sendable {
    case boolValue = "google.protobuf.BoolValue"
    case bytesValue = "google.protobuf.BytesValue"
    case doubleValue = "google.protobuf.DoubleValue"
    case floatValue = "google.protobuf.FloatValue"
    case int32Value = "google.protobuf.Int32Value"
    case int64Value = "google.protobuf.Int64Value"
    case stringValue = "google.protobuf.StringValue"
    case uint32Value = "google.protobuf.UInt32Value"
    case uint64Value = "google.protobuf.UInt64Value"
    case value = "google.protobuf.Value"
    case structure = "google.protobuf.Struct"
    case listValue = "google.protobuf.ListValue"
    case any = "google.protobuf.Any"

    var type: ExpressionType {
        switch self {
        case .boolValue: .wrapper(.bool)
        case .bytesValue: .wrapper(.bytes)
        case .doubleValue, .floatValue: .wrapper(.double)
        case .int32Value, .int64Value: .wrapper(.int)
        case .stringValue: .wrapper(.string)
        case .uint32Value, .uint64Value: .wrapper(.uint)
        case .value, .any: .dyn
        case .structure: .map(.string, .dyn)
        case .listValue: .list(.dyn)
        }
    }

    /// The types of the fields that an expression may give.
    var fields: [String: ExpressionType] {
        switch self {
        case .boolValue: ["value": .bool]
        case .bytesValue: ["value": .bytes]
        case .doubleValue, .floatValue: ["value": .double]
        case .int32Value, .int64Value: ["value": .int]
        case .stringValue: ["value": .string]
        case .uint32Value, .uint64Value: ["value": .uint]
        case .value:
            [
                "null_value": .dyn, "number_value": .double, "string_value": .string, "bool_value": .bool,
                "struct_value": .map(.string, .dyn), "list_value": .list(.dyn),
            ]
        case .structure: ["fields": .map(.string, .dyn)]
        case .listValue: ["values": .list(.dyn)]
        case .any: [:]
        }
    }
}
