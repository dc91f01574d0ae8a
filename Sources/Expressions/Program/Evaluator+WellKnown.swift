internal import Primitives

extension Evaluator {
    /// The value that a message of `google.protobuf` is, made with one field.
    func wellKnown(_ message: UInt32, _ value: Value, _ bag: AttributeBag) -> Value {
        let value = self.materialize(value, bag)
        guard Int(message) < WellKnownMessage.allCases.count else { return .error(.noSuchOverload) }
        switch (WellKnownMessage.allCases[Int(message)], value.kind) {
        case (.boolValue, .bool), (.bytesValue, .bytes), (.doubleValue, .double), (.int64Value, .int),
            (.stringValue, .string), (.uint64Value, .uint), (.structure, .map), (.listValue, .list):
            return value
        case (.floatValue, .double): return .double(Double(Float(value.number)))
        case (.int32Value, .int): return Int32(exactly: value.integer) == nil ? .error(.outOfRange) : value
        case (.uint32Value, .uint): return UInt32(exactly: value.first) == nil ? .error(.outOfRange) : value
        case (.value, .double), (.value, .string), (.value, .bool), (.value, .map), (.value, .list),
            (.value, .null):
            return value
        default: return .error(.noSuchOverload)
        }
    }
}
