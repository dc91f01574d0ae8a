extension FunctionTable {
    private static let ordered = [
        "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration",
    ]
    private static let comparison = Self.ordered.map { "(\($0), \($0)): bool" }

    static let operators: [(Function, String, [String])] = [
        (.and, "_&&_", ["(bool, bool): bool"]),
        (.or, "_||_", ["(bool, bool): bool"]),
        (.not, "!_", ["(bool): bool"]),
        (.negate, "-_", ["(int): int", "(double): double"]),
        (.conditional, "_?_:_", ["(bool, A, A): A"]),
        (.substitute, "_|_", ["(A, A): A"]),
        (
            .add, "_+_",
            [
                "(int, int): int", "(uint, uint): uint", "(double, double): double",
                "(string, string): string",
                "(bytes, bytes): bytes", "(list(A), list(A)): list(A)", "(timestamp, duration): timestamp",
                "(duration, timestamp): timestamp", "(duration, duration): duration",
            ]
        ),
        (
            .subtract, "_-_",
            [
                "(int, int): int", "(uint, uint): uint", "(double, double): double",
                "(timestamp, timestamp): duration", "(timestamp, duration): timestamp",
                "(duration, duration): duration",
            ]
        ),
        (.multiply, "_*_", ["(int, int): int", "(uint, uint): uint", "(double, double): double"]),
        (.divide, "_/_", ["(int, int): int", "(uint, uint): uint", "(double, double): double"]),
        (.modulo, "_%_", ["(int, int): int", "(uint, uint): uint"]),
        (.equal, "_==_", ["(A, A): bool"]),
        (.notEqual, "_!=_", ["(A, A): bool"]),
        (.less, "_<_", Self.comparison),
        (.lessOrEqual, "_<=_", Self.comparison),
        (.greater, "_>_", Self.comparison),
        (.greaterOrEqual, "_>=_", Self.comparison),
        (.contained, "@in", ["(A, list(A)): bool", "(A, map(A, B)): bool"]),
        (.index, "_[_]", ["(list(A), int): A", "(map(A, B), A): B"]),
    ]

    static let conversions: [(Function, String, [String])] = [
        (.toBool, "bool", ["(bool): bool", "(string): bool"]),
        (
            .toInt, "int",
            ["(int): int", "(uint): int", "(double): int", "(string): int", "(timestamp): int"]
                + ["(duration): int"]
        ),
        (.toUInt, "uint", ["(uint): uint", "(int): uint", "(double): uint", "(string): uint"]),
        (.toDouble, "double", ["(double): double", "(int): double", "(uint): double", "(string): double"]),
        (
            .toString, "string",
            [
                "(string): string", "(bool): string", "(int): string", "(uint): string", "(double): string",
                "(bytes): string", "(timestamp): string", "(duration): string", "(ip): string",
                "(cidr): string",
            ]
        ),
        (.toBytes, "bytes", ["(bytes): bytes", "(string): bytes"]),
        (.toTimestamp, "timestamp", ["(timestamp): timestamp", "(string): timestamp", "(int): timestamp"]),
        (.toDuration, "duration", ["(duration): duration", "(string): duration"]),
        (.toDyn, "dyn", ["(A): dyn"]),
        (.toType, "type", ["(A): type(A)"]),
        (
            .size, "size",
            [
                "(string): int", "(bytes): int", "(list(A)): int", "(map(A, B)): int", "string.(): int",
                "bytes.(): int", "list(A).(): int", "map(A, B).(): int",
            ]
        ),
        (.base64Encode, "base64.encode", ["(bytes): string"]),
        (.base64Decode, "base64.decode", ["(string): bytes"]),
    ]

    static let texts: [(Function, String, [String])] = [
        (.contains, "contains", ["string.(string): bool"]),
        (.startsWith, "startsWith", ["string.(string): bool"]),
        (.endsWith, "endsWith", ["string.(string): bool"]),
        (.matches, "matches", ["string.(string): bool", "(string, string): bool"]),
        (.charAt, "charAt", ["string.(int): string"]),
        (.indexOf, "indexOf", ["string.(string): int", "string.(string, int): int"]),
        (.lastIndexOf, "lastIndexOf", ["string.(string): int", "string.(string, int): int"]),
        (.join, "join", ["list(string).(): string", "list(string).(string): string"]),
        (.lowerAscii, "lowerAscii", ["string.(): string"]),
        (.upperAscii, "upperAscii", ["string.(): string"]),
        (.replace, "replace", ["string.(string, string): string", "string.(string, string, int): string"]),
        (.split, "split", ["string.(string): list(string)", "string.(string, int): list(string)"]),
        (.substring, "substring", ["string.(int): string", "string.(int, int): string"]),
        (.trim, "trim", ["string.(): string"]),
        (.reverse, "reverse", ["string.(): string"]),
        (.format, "format", ["string.(list(dyn)): string"]),
        (.quote, "strings.quote", ["(string): string"]),
    ]
}
