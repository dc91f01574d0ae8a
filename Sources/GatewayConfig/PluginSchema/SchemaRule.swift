/// One schema object, compiled; others are named by their index in ``PluginSchema/rules``.
struct SchemaRule: Sendable {
    /// The types of JSON, `integer` included.
    enum JSONType: String, Sendable, CaseIterable {
        case null, boolean, integer, number, string, array, object

        /// What messages call a value of the type.
        var noun: String {
            switch self {
            case .null: "null"
            case .boolean: "true or false"
            case .integer: "a whole number"
            case .number: "a number"
            case .string: "a string"
            case .array: "a list"
            case .object: "an object"
            }
        }
    }

    /// `false` in place of a schema: nothing is allowed.
    var isNever = false
    var types: [JSONType] = []
    var allowed: [ConfigNode]?
    var title: String?

    var properties: [(key: String, rule: Int)] = []
    var required: [String] = []
    var additional: Int?
    var propertyNames: Int?
    var dependentRequired: [(key: String, needed: [String])] = []
    var propertyCount: ClosedRange<Int>?

    var items: Int?
    var itemCount: ClosedRange<Int>?
    var hasUniqueItems = false

    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?

    var length: ClosedRange<Int>?
    var pattern: (text: String, compiled: TextPattern)?
    /// The value is a secret.
    var isWriteOnly = false

    var oneOf: [Int] = []
    var anyOf: [Int] = []
    var reference: Int?

    /// The rules that hold for the same value as this one.
    var inPlace: [Int] { self.oneOf + self.anyOf + (self.reference.map { [$0] } ?? []) }

    /// The rules that hold for the member `key` of a value.
    func rules(forMember key: String) -> [Int] {
        if let property = self.properties.first(where: { $0.key == key }) { return [property.rule] }
        return self.additional.map { [$0] } ?? []
    }
}
