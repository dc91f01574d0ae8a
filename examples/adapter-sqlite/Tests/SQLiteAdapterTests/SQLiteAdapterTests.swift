internal import CSQLite
internal import Foundation
internal import PosternTestKit
internal import SQLiteAdapter
internal import Testing

@Suite struct SQLiteAdapterTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    private var place: URL { self.folder.appendingPathComponent("place") }
    private var file: String { self.place.appendingPathComponent("log.db").path }
    private var config: String { #"{ "path": "\#(self.file)", "timeout": "2s" }"# }

    init() throws {
        try FileManager.default.createDirectory(at: self.place, withIntermediateDirectories: true)
    }

    /// The rows of a table, with bars between what stands in them.
    private func rows(_ sql: String) -> [String] {
        var (handle, statement): (OpaquePointer?, OpaquePointer?)
        sqlite3_open_v2(self.file, &handle, SQLITE_OPEN_READONLY, nil)
        defer { sqlite3_close(handle) }
        sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        var rows: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            let values = (0..<sqlite3_column_count(statement)).map { column in
                sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "null"
            }
            rows.append(values.joined(separator: "|"))
        }
        return rows
    }

    @Test("Each instance has a table, which gets the columns that a new configuration brings")
    func columns() throws {
        let handler = try TestHost().configure(SQLiteAdapter.self, self.config)
        let first = handler.report([
            .logEntry(["path": .string("/a\"b"), "took": .duration(1_500_000)], name: "re\"quests")
        ])
        let second = handler.report([.logEntry(["path": .absent, "code": .int64(404)], name: "re\"quests")])
        #expect(first.isDelivered && second.isDelivered)
        #expect(
            self.rows(#"SELECT * FROM "re""quests""#) == [
                "info|2023-11-14T22:13:20.123Z|/a\"b|0.0015|null",
                "info|2023-11-14T22:13:20.123Z|null|null|404",
            ])
    }

    @Test("Two columns of one name are refused, and those beside them are stored")
    func duplicates() throws {
        let host = TestHost()
        let handler = try host.configure(SQLiteAdapter.self, self.config)
        let report = handler.report([
            .logEntry(["a": .int64(1), "A": .int64(2)], name: "bad"), .logEntry([:]),
        ])
        #expect(report.outcomes == [.refused, .delivered])
        #expect(host.log.first?.message == "bad: duplicate column name: A")
        #expect(self.rows("SELECT count(*) FROM instance") == ["1"])
    }

    @Test("While another has the database locked, records wait")
    func locked() throws {
        let handler = try TestHost().configure(
            SQLiteAdapter.self, #"{ "path": "\#(self.file)", "timeout": "1ms" }"#)
        #expect(handler.report([.logEntry([:])]).isDelivered)
        var other: OpaquePointer?
        sqlite3_open(self.file, &other)
        sqlite3_exec(other, "BEGIN EXCLUSIVE", nil, nil, nil)
        #expect(handler.report([.logEntry([:])]).problem == "database is locked")
        sqlite3_close(other)
        #expect(handler.report([.logEntry([:])], attempt: 1).isDelivered)
        #expect(self.rows("SELECT count(*) FROM instance") == ["2"])
    }

    @Test("It does what every adapter must", arguments: AdapterBehaviour.allCases)
    func conforms(_ behaviour: AdapterBehaviour) {
        let away = self.folder.appendingPathComponent("away")
        let suite = AdapterSuite(
            SQLiteAdapter.self, self.config, refused: [#"{ "path": "a", "timeout": "2m" }"#: "/timeout"],
            backend: AdapterBackend(
                .exactlyOnce, arrived: { self.rows("SELECT * FROM suite") },
                stop: { try FileManager.default.moveItem(at: self.place, to: away) },
                start: { try FileManager.default.moveItem(at: away, to: self.place) }))
        #expect(suite.run(behaviour) == [])
    }
}
