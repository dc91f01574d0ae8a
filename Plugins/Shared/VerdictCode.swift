public import PosternSDK

/// How configurations spell what a refused request is told.
public struct VerdictCode: Decodable, Sendable {
    /// What it stands for.
    public let code: Verdict.Code

    private static let names: KeyValuePairs<String, Verdict.Code> = [
        "invalidArgument": .invalidArgument, "notFound": .notFound, "permissionDenied": .permissionDenied,
        "resourceExhausted": .resourceExhausted, "unavailable": .unavailable,
        "unauthenticated": .unauthenticated,
    ]

    /// Reads a name.
    ///
    /// - Throws: ``ConfigProblem`` that says what is allowed.
    public init(from decoder: any Decoder) throws {
        let name = try decoder.singleValueContainer().decode(String.self)
        guard let known = Self.names.first(where: { $0.key == name }) else {
            let all = Self.names.map(\.key).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "must be one of \(all), got '\(name)'"))
        }
        self.code = known.value
    }
}
