internal import CPostgres
internal import Glibc
internal import PluginSupport

/// A connection to the server; for one thread at a time.
final class Session {
    // SAFETY: made in init, freed in deinit; what is lent to a call it does not keep.
    private let postgres: OpaquePointer
    private let settings: SessionSettings

    /// A record that a table cannot take.
    struct Refusal {
        /// Of the data, from 0.
        let line: Int
        let why: String
    }

    /// - Throws: ``WriteFailure``
    init(_ settings: SessionSettings) throws(WriteFailure) {
        self.settings = settings
        var error = postern_postgres_error()
        let texts = settings.parameters.flatMap { [$0.name, $0.value] }.map { Array($0.utf8CString) }
        // One run of bytes, and where each text begins in it.
        let made = texts.flatMap { $0 }.withUnsafeBufferPointer { all in
            var start = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for text in texts {
                pointers.append(all.baseAddress.map { $0 + start })
                start += text.count
            }
            pointers.append(nil)
            return postern_postgres_connect(&pointers, settings.milliseconds, &error)
        }
        guard let made else { throw Self.failure(error, settings) }
        self.postgres = made
    }

    deinit { postern_postgres_free(self.postgres) }

    var isOpen: Bool { postern_postgres_is_open(self.postgres) }

    /// Runs a statement.
    func run(_ statement: String) throws(WriteFailure) { _ = try self.value(statement, nil) }

    /// Whether the table and its columns are there.
    ///
    /// - Throws: ``WriteFailure``
    func check(_ plan: TablePlan) throws(WriteFailure) {
        let found = try self.value(
            """
            SELECT string_agg(attname, E'\\n') FROM pg_attribute
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            """, plan.table)
        guard let found else {
            throw WriteFailure(description: "\(self.settings.address): there is no table \(plan.table)")
        }
        let there = Set(found.split(separator: "\n").map(String.init))
        let missing = plan.names.filter { !there.contains($0) }
        guard missing.isEmpty else {
            let list = missing.map { "'\($0)'" }.joined(separator: ", ")
            throw WriteFailure(
                description: "\(self.settings.address): the table \(plan.table) lacks the columns \(list)")
        }
    }

    /// Copies lines.
    ///
    /// - Returns: Which of them the table cannot take; then none was taken. Nil: all were.
    /// - Throws: ``WriteFailure``: none was taken, and all may be taken later.
    func copy(_ statement: String, _ lines: [UInt8]) throws(WriteFailure) -> Refusal? {
        var error = postern_postgres_error()
        let isDone = lines.withUnsafeBytes { bytes in
            statement.withCString {
                postern_postgres_copy(
                    self.postgres, $0, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                    self.settings.milliseconds, &error)
            }
        }
        if isDone { return nil }
        // 22: the value does not fit the column; 23: a constraint forbids it.
        let state = Self.text(of: error.state)
        guard state.hasPrefix("22") || state.hasPrefix("23"), error.line >= 1,
            error.line <= lines.count(where: { $0 == 0x0A })
        else { throw Self.failure(error, self.settings) }
        return Refusal(line: error.line - 1, why: Self.text(of: error.message))
    }

    private func value(_ statement: String, _ parameter: String?) throws(WriteFailure) -> String? {
        var error = postern_postgres_error()
        var value: UnsafeMutablePointer<CChar>?
        let isDone = statement.withCString { statement in
            if let parameter {
                parameter.withCString {
                    postern_postgres_query(
                        self.postgres, statement, $0, self.settings.milliseconds, &value, &error)
                }
            } else {
                postern_postgres_query(
                    self.postgres, statement, nil, self.settings.milliseconds, &value, &error)
            }
        }
        defer { free(value) }
        guard isDone else { throw Self.failure(error, self.settings) }
        return value.map { String(cString: $0) }
    }

    private static func failure(_ error: postern_postgres_error, _ settings: SessionSettings) -> WriteFailure
    {
        WriteFailure(description: "\(settings.address): \(Self.text(of: error.message))")
    }

    /// A C array of characters, up to its zero.
    private static func text<Characters>(of characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
