public import CPosternABI
public import PosternSDK

/// Stores log entries in an SQLite database: a table for each instance, a column for each of its values.
public struct SQLiteAdapter: Adapter {
    public struct Config: Decodable, Sendable {
        let path: String, timeout: Duration?
    }
    public struct State { var database: Database? }

    public static let name = "sqlite"
    public static let version = "1.0.0"
    public static let schema = """
        { "type": "object", "additionalProperties": false, "required": ["path"], "properties": {
            "path": { "type": "string", "minLength": 1, "description": "The database; made when it is new." },
            "timeout": { "type": "string", "default": "5s", "description": "Waits for locks, 1ms...60s." } } }
        """
    public static let templates: Templates = [.logEntry]

    private let path: String
    private let timeout: Duration
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.path = config.path
        self.timeout = config.timeout ?? .seconds(5)
        guard (.milliseconds(1)...(.seconds(60))).contains(self.timeout) else {
            throw ConfigProblem("/timeout", "must be 1ms...60s")
        }
        self.log = host.log
    }

    public func makeState() -> State { State() }

    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        guard batch.count > 0 else { return }
        do {
            let database = try state.database ?? Database(self.path, timeout: self.timeout)
            state.database = database
            try database.run("BEGIN IMMEDIATE")
            for index in 0..<batch.count {
                guard let problem = try database.insert(batch[index]) else { continue }
                self.log(.error, "\(batch[index].shape.name): \(problem)")
                batch.refuse(index)
            }
            try database.run("COMMIT")
        } catch {
            // Closing takes back what was not committed; the same records come again.
            state.database = nil
            throw error
        }
    }

    public func reopen(_ state: inout State) { state.database = nil }
}

@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    AdapterEntry<SQLiteAdapter>.table(host)
}
