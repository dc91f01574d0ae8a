internal import PluginSupport
internal import PosternSDK

/// What a key is good for.
struct ApiKey: Sendable {
    struct Config: Decodable, Sendable {
        let name: String
        let key: String
        let apis: [String]?
        let versions: [String]?
        let operations: [String]?
    }

    /// Nil: all of them.
    private let apis, versions, operations: [Glob]?

    init(apis: [String]?, versions: [String]? = nil, operations: [String]? = nil) {
        self.apis = apis?.map { Glob($0) }
        self.versions = versions?.map { Glob($0) }
        self.operations = operations?.map { Glob($0) }
    }

    /// Whether it is good for what the record says.
    func allows(_ record: Record) -> Bool {
        Self.fits(record, Column.api, self.apis) && Self.fits(record, Column.version, self.versions)
            && Self.fits(record, Column.operation, self.operations)
    }

    private static func fits(_ record: Record, _ column: Int, _ globs: [Glob]?) -> Bool {
        guard let globs else { return true }
        guard case .string(let text) = record[column] else { return false }
        return globs.match(text)
    }
}
