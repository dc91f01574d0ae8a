/// How loud a line of Postern's own log is.
public enum LogLevel: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    case trace, debug, info, warning, error, critical

    /// As written in lines and in `--log-level`.
    public var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// Reads a level's name; `warn` is accepted too. nil for any other text.
    public init?(name: String) {
        let wanted = name == "warn" ? "warning" : name
        guard let level = Self.allCases.first(where: { $0.name.description == wanted }) else { return nil }
        self = level
    }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// How Postern's own log is written.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
    case text, json
}

/// The value of a field of a log line.
public enum LogValue: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral
{
    case text(String)
    case integer(Int64)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    public init(_ value: String) { self = .text(value) }
}
