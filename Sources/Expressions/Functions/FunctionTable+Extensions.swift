extension FunctionTable {
    private static func selector(
        _ function: Function, _ name: String, ofDurations: Bool = false
    ) -> (Function, String, [String]) {
        let signatures = ["timestamp.(): int", "timestamp.(string): int"]
        return (function, name, signatures + (ofDurations ? ["duration.(): int"] : []))
    }

    static let times: [(Function, String, [String])] = [
        Self.selector(.getDate, "getDate"),
        Self.selector(.getDayOfMonth, "getDayOfMonth"),
        Self.selector(.getDayOfWeek, "getDayOfWeek"),
        Self.selector(.getDayOfYear, "getDayOfYear"),
        Self.selector(.getFullYear, "getFullYear"),
        Self.selector(.getMonth, "getMonth"),
        Self.selector(.getHours, "getHours", ofDurations: true),
        Self.selector(.getMinutes, "getMinutes", ofDurations: true),
        Self.selector(.getSeconds, "getSeconds", ofDurations: true),
        Self.selector(.getMilliseconds, "getMilliseconds", ofDurations: true),
    ]

    private static let ofNumbers = ["(int): int", "(uint): uint", "(double): double"]
    private static let ofBits = ["(int, int): int", "(uint, uint): uint"]

    static let mathematics: [(Function, String, [String])] = [
        // The checker gives these any number of arguments.
        (.greatest, "math.greatest", Self.ofNumbers),
        (.least, "math.least", Self.ofNumbers),
        (.ceil, "math.ceil", ["(double): double"]),
        (.floor, "math.floor", ["(double): double"]),
        (.round, "math.round", ["(double): double"]),
        (.trunc, "math.trunc", ["(double): double"]),
        (.abs, "math.abs", Self.ofNumbers),
        (.sign, "math.sign", Self.ofNumbers),
        (.isNaN, "math.isNaN", ["(double): bool"]),
        (.isInf, "math.isInf", ["(double): bool"]),
        (.isFinite, "math.isFinite", ["(double): bool"]),
        (.sqrt, "math.sqrt", ["(double): double", "(int): double", "(uint): double"]),
        (.bitAnd, "math.bitAnd", Self.ofBits),
        (.bitOr, "math.bitOr", Self.ofBits),
        (.bitXor, "math.bitXor", Self.ofBits),
        (.bitNot, "math.bitNot", ["(int): int", "(uint): uint"]),
        (.bitShiftLeft, "math.bitShiftLeft", ["(int, int): int", "(uint, int): uint"]),
        (.bitShiftRight, "math.bitShiftRight", ["(int, int): int", "(uint, int): uint"]),
    ]

    static let addresses: [(Function, String, [String])] = [
        (.toIP, "ip", ["(string): ip", "(ip): ip", "cidr.(): ip"]),
        (.isIP, "isIP", ["(string): bool"]),
        (.ipIsCanonical, "ip.isCanonical", ["(string): bool"]),
        (.toCIDR, "cidr", ["(string): cidr", "(cidr): cidr"]),
        (.isCIDR, "isCIDR", ["(string): bool"]),
        (.family, "family", ["ip.(): int"]),
        (.isUnspecified, "isUnspecified", ["ip.(): bool"]),
        (.isLoopback, "isLoopback", ["ip.(): bool"]),
        (.isGlobalUnicast, "isGlobalUnicast", ["ip.(): bool"]),
        (.isLinkLocalMulticast, "isLinkLocalMulticast", ["ip.(): bool"]),
        (.isLinkLocalUnicast, "isLinkLocalUnicast", ["ip.(): bool"]),
        (.containsIP, "containsIP", ["cidr.(ip): bool", "cidr.(string): bool"]),
        (.containsCIDR, "containsCIDR", ["cidr.(cidr): bool", "cidr.(string): bool"]),
        (.masked, "masked", ["cidr.(): cidr"]),
        (.prefixLength, "prefixLength", ["cidr.(): int"]),
        (.isMask, "isMask", ["cidr.(): bool"]),
    ]

    static let mixer: [(Function, String, [String])] = [
        (.match, "match", ["(string, string): bool"]),
        (.conditionalString, "conditionalString", ["(bool, string, string): string"]),
        (.toURI, "uri", ["(string): string"]),
        (.toDNSName, "dnsName", ["(string): string"]),
        (.toEmail, "email", ["(string): string"]),
        (.toMilliseconds, "milliseconds", ["(duration): int"]),
        (.emptyStringMap, "emptyStringMap", ["(): map(string, string)"]),
    ]
}
