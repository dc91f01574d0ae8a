internal import PosternSDK

/// Where the records of a shape go.
struct TablePlan {
    /// The shape's.
    let number: Int
    /// Quoted, with its schema if it has one.
    let table: String
    let names: [String]
    /// Where their values stand in a record.
    let columns: [Int]
    private let types: [String]

    init(_ shape: Shape, table: String, columns: [String]?) {
        self.number = shape.number
        self.table = table.split(separator: ".").map {
            Self.quoted(String($0).replacing("{instance}", with: shape.name))
        }.joined(separator: ".")
        let names = (columns ?? shape.columnNames).filter { shape.column($0) != nil }
        self.names = names
        self.columns = names.compactMap { shape.column($0) }
        self.types = self.columns.map { Self.type(shape, $0) }
    }

    var copyStatement: String {
        "COPY \(self.table) (\(self.names.map(Self.quoted).joined(separator: ", "))) FROM STDIN"
    }

    var createStatement: String {
        let columns = zip(self.names, self.types).map { "\(Self.quoted($0)) \($1)" }
        return "CREATE TABLE IF NOT EXISTS \(self.table) (\(columns.joined(separator: ", ")))"
    }

    /// An identifier as it is, whatever is in it.
    static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// What a column is in a table that is made: as the expression says, or the template of its own columns.
    private static func type(_ shape: Shape, _ column: Int) -> String {
        switch shape.columnType(column) {
        case .int64: return "bigint"
        case .double: return "double precision"
        case .bool: return "boolean"
        case .timestamp: return "timestamptz"
        case .duration: return "interval"
        case .ipAddress: return "inet"
        case .string: return "text"
        default: break
        }
        switch (shape.template, shape.columnName(column)) {
        case (.logEntry, "timestamp") where column == 1, (.edge, "timestamp"): return "timestamptz"
        case (.edge, "responseCode"): return "bigint"
        case (.edge, "duration"): return "interval"
        default: return "text"
        }
    }
}
