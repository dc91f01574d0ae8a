// Trees made in code: schemas and tests.

extension ConfigNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral value: String) { self.init(.string(value)) }
    public init(integerLiteral value: Int) { self.init(.integer(value)) }
    public init(floatLiteral value: Double) { self.init(.number(value)) }
    public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    public init(arrayLiteral elements: ConfigNode...) { self.init(.array(elements)) }

    /// An object from a literal, in its order: `.object(["type": "string"])`. Its keys are all different.
    public static func object(_ members: KeyValuePairs<String, ConfigNode>) -> ConfigNode {
        ConfigNode(.object(members.map { Member($0.key, $0.value) }))
    }
}
