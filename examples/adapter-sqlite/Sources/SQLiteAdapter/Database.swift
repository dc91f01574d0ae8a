internal import CSQLite
internal import PosternSDK

struct SQLiteFailure: Error, CustomStringConvertible {
    let description: String, code: Int32
}

/// A connection, and the statements that it has prepared.
public final class Database {
    private var handle: OpaquePointer?
    /// By the shape's number.
    private var inserts: [Int: OpaquePointer] = [:]

    init(_ path: String, timeout: Duration) throws {
        try self.check(sqlite3_open_v2(path, &self.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil))
        sqlite3_busy_timeout(self.handle, Int32(timeout / .milliseconds(1)))
    }

    deinit {
        for statement in self.inserts.values { sqlite3_finalize(statement) }
        sqlite3_close(self.handle)
    }

    func run(_ sql: String) throws { try self.check(sqlite3_exec(self.handle, sql, nil, nil, nil)) }

    /// - Returns: Why no record like this one can ever be stored; nil when it was.
    func insert(_ record: Record) throws -> String? {
        if self.inserts[record.shape.number] == nil {
            do { try self.prepareInsert(record.shape) } catch let failure as SQLiteFailure {
                guard failure.code == SQLITE_ERROR else { throw failure }
                return failure.description
            }
        }
        let statement = self.inserts[record.shape.number]
        for column in 0..<record.count {
            let index = Int32(column + 1)
            switch record[column] {
            case .absent: sqlite3_bind_null(statement, index)
            case .int64(let number): sqlite3_bind_int64(statement, index, number)
            case .double(let number): sqlite3_bind_double(statement, index, number)
            case .bool(let flag): sqlite3_bind_int(statement, index, flag ? 1 : 0)
            case .duration(let nanoseconds): sqlite3_bind_double(statement, index, Double(nanoseconds) / 1e9)
            default:
                let text = record.text(column) ?? ""
                let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)  // SQLITE_TRANSIENT
                sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), copied)
            }
        }
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        if code != SQLITE_DONE { try self.check(code) }
        return nil
    }

    /// Makes the table if need be, and the columns that it lacks.
    private func prepareInsert(_ shape: Shape) throws {
        let table = Self.quoted(shape.name)
        let names = shape.columnNames.map { Self.quoted($0) }.joined(separator: ", ")
        try self.run("CREATE TABLE IF NOT EXISTS \(table) (\(names))")
        let known = try self.prepare("SELECT name FROM pragma_table_info(\(Self.quoted(shape.name, "'")))")
        defer { sqlite3_finalize(known) }
        var missing = shape.columnNames
        while sqlite3_step(known) == SQLITE_ROW, let name = sqlite3_column_text(known, 0) {
            missing.removeAll { $0.lowercased() == String(cString: name).lowercased() }
        }
        for name in missing { try self.run("ALTER TABLE \(table) ADD COLUMN \(Self.quoted(name))") }
        let places = shape.columnNames.map { _ in "?" }.joined(separator: ", ")
        self.inserts[shape.number] = try self.prepare("INSERT INTO \(table) (\(names)) VALUES (\(places))")
    }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        try self.check(sqlite3_prepare_v2(self.handle, sql, -1, &statement, nil))
        return statement
    }

    private static func quoted(_ name: String, _ quote: Character = "\"") -> String {
        "\(quote)\(name.map { $0 == quote ? "\($0)\($0)" : "\($0)" }.joined())\(quote)"
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw SQLiteFailure(description: String(cString: sqlite3_errmsg(self.handle)), code: code)
    }
}
