import Foundation
import Postgres
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread, .serialized) struct PostgresTests {
    let host = TestHost()

    func handler(_ database: Database, _ config: String = "") throws -> TestHandler {
        try self.host.configure(
            Postgres.self,
            #"{ "address": "\#(database.address)", "database": "postgres", "username": "postgres""#
                + (config.contains("password") ? "" : #", "password": "s3cret""#)
                + (config.contains("timeout") ? "" : #", "timeout": "20s""#) + " \(config) }")
    }

    func record(_ number: Int, _ text: TestValue = .absent, name: String = "requestlog") -> TestRecord {
        .logEntry(["n": .int64(Int64(number)), "s": text], name: name)
    }

    @Test("Values of every type arrive in a table that has types of its own, and in one that is made")
    func values() throws {
        let database = try Database()
        try database.query(
            """
            create table requestlog (severity text, "timestamp" timestamptz, n int, s text, d float8, b bool,
            took interval, ip inet, gone text default 'never')
            """)
        let text = "a\tb\nc\\d\r\u{0}é\"\\.\n\\N"
        let record = TestRecord.logEntry(
            [
                "n": .int64(-5), "s": .bytes(Array(text.utf8) + [0xFF]), "d": .double(0.25), "b": .bool(true),
                "took": .duration(1_500_000_000), "gone": .absent,
                "ip": .ipAddress([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ], name: "requestlog")
        #expect(try self.handler(database).report([record, self.record(6)]).isDelivered)
        let row = try database.query(
            """
            select severity, extract(epoch from "timestamp"), n, d, b, took, ip, gone is null,
            s = E'a\\tb\\nc\\\\d\\r\u{FFFD}é"\\\\.\\n\\\\N\u{FFFD}' from requestlog where n = -5
            """)
        #expect(row == "info|1700000000.123456|-5|0.25|t|00:00:01.5|2001:db8::1|t|t\n")
        #expect(try database.query("select count(*) from requestlog where s is null") == "1\n")

        let made = try self.handler(database, #", "table": "public.x_\"{instance}", "createTable": true"#)
        #expect(made.report([record]).isDelivered)
        let edge = TestRecord(
            TestShape(.edge, name: "edges", columns: ["timestamp", "sourceUid", "responseCode", "duration"]),
            [.timestamp(1_700_000_000_000_000_000), .string("a"), .int64(200), .duration(2_000_000)])
        #expect(made.report([edge]).isDelivered)
        #expect(
            try database.query(#"select n, d, took, ip from "x_""requestlog""#)
                == "-5|0.25|1.5s|2001:db8::1\n")
        let types = try database.query(
            #"select pg_typeof("timestamp"), pg_typeof("responseCode"), duration from "x_""edges""#)
        #expect(types == "timestamp with time zone|bigint|00:00:00.002\n")
    }

    @Test("Many records of several instances arrive, each in its table and its columns")
    func many() throws {
        let database = try Database()
        try database.query("create schema logs; create table logs.a (n int)")
        try database.query("create table logs.b (n int, id serial)")
        let handler = try self.handler(database, #", "table": "logs.{instance}", "columns": ["n"]"#)
        for batch in 0..<3 {
            let records = (0..<2000).map { self.record(batch * 2000 + $0, name: $0 % 2 == 0 ? "a" : "b") }
            #expect(handler.report(records).isDelivered)
        }
        let ofA = try database.query("select count(*), count(distinct n), sum(n % 2) from logs.a")
        #expect(ofA == "3000|3000|0\n")
        #expect(try database.query("select count(*), bool_and(n = 2 * id - 1) from logs.b") == "3000|t\n")
        let sessions = try database.query(
            "select count(*) from pg_stat_activity where application_name = 'postern'")
        #expect(sessions == "1\n")
    }

    @Test("A record that the table cannot take is refused alone")
    func refusedRecords() throws {
        let database = try Database()
        try database.query(
            """
            create table requestlog (severity text, "timestamp" text, n smallint unique,
            s varchar(5) check (s <> 'bad'))
            """)
        let handler = try self.handler(database)
        let records = [
            self.record(1), self.record(99_999), self.record(2, .string("bad")),
            self.record(3, .string("long one")), self.record(1), self.record(4, .string("ok\n")),
        ]
        let report = handler.report(records)
        #expect(report.problem == nil)
        #expect(report.outcomes == [.delivered, .refused, .refused, .refused, .refused, .delivered])
        #expect(try database.query("select string_agg(n::text, ',' order by n) from requestlog") == "1,4\n")
        let reason = "refuses a record: value \"99999\" is out of range"
        #expect(self.host.log.contains { $0.message.contains(reason) })
    }

    @Test("A table or columns that are not there are told, and records come when they are")
    func missing() throws {
        let database = try Database()
        let handler = try self.handler(database)
        let absent = handler.report([self.record(1)]).problem
        #expect(absent == "\(database.address): there is no table \"requestlog\"")
        try database.query("create table requestlog (severity text, n int)")
        #expect(
            handler.report([self.record(1)]).problem
                == "\(database.address): the table \"requestlog\" lacks the columns 'timestamp', 's'")
        try database.query("alter table requestlog add \"timestamp\" timestamptz, add s text")
        #expect(handler.report([self.record(1)]).isDelivered)
        try database.query("alter table requestlog drop s")
        #expect(handler.report([self.record(2)]).problem?.contains("column \"s\" of relation") == true)
        #expect(try database.query("select n from requestlog") == "1\n")
        // One table of two is there: only its records are taken.
        try database.query("alter table requestlog add s text")
        let report = handler.report([self.record(3), self.record(4, name: "other"), self.record(5)])
        #expect(report.problem == nil && report.outcomes == [.delivered, .again, .delivered])
    }

    @Test(
        "A server that is away at first, killed in between, or in a lock gets all records in the end"
    )
    func away() throws {
        let database = try Database()
        try database.query(
            "create table requestlog (severity text, \"timestamp\" timestamptz, n int, s text)")
        database.stop()
        let handler = try self.handler(database)
        #expect(handler.report([self.record(1)]).problem?.contains("Connection refused") == true)
        try database.start()
        #expect(handler.report([self.record(1)], attempt: 1).isDelivered)
        database.stop()
        #expect(handler.report([self.record(2)]).problem != nil)
        try database.start()
        #expect(handler.report([self.record(2)], attempt: 1).isDelivered)

        let hurried = try self.handler(database, #", "timeout": "300ms""#)
        #expect(hurried.report([self.record(3)]).isDelivered)
        let locker = try database.beginQuery("begin; lock requestlog; select pg_sleep(60)")
        defer { locker.stop() }
        let locked = eventually {
            let locks = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted"
            return (try? database.query(locks)) == "1\n"
        }
        #expect(locked)
        let problem = hurried.report([self.record(4)]).problem ?? ""
        #expect(problem.contains("timed out") || problem.contains("statement timeout"), "\(problem)")
        try database.query(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where query like '%pg_sleep(60)' and pid <> pg_backend_pid()
            """)
        let isTaken = eventually { hurried.report([self.record(4)], attempt: 1).isDelivered }
        #expect(isTaken)
        #expect(
            try database.query("select string_agg(n::text, ',' order by n) from requestlog") == "1,2,3,4\n")
    }

    @Test("A wrong password and a server that says nothing are told, without secrets")
    func strangers() throws {
        let database = try Database()
        let stranger = try self.handler(database, #", "password": "wr0ng""#)
        let wrong = stranger.report([self.record(1)]).problem ?? ""
        #expect(wrong.contains("password authentication failed") && !wrong.contains("wr0ng"), "\(wrong)")
        let tls =
            try self.handler(database, #", "sslMode": "require""#).report([self.record(1)]).problem ?? ""
        #expect(tls.contains("server does not support SSL"), "\(tls)")
        let silent = try DeadEnd.silent()
        let handler = try self.host.configure(
            Postgres.self, #"{ "address": "\#(silent.address)", "timeout": "200ms" }"#)
        #expect(handler.report([self.record(1)]).problem == "\(silent.address): timed out")
    }

    @Test(
        "A bad configuration is refused",
        arguments: [
            (#""address": "a:x""#, "/address"), (#""address": "a,b""#, "/address"),
            (#""address": "a", "sslMode": "maybe""#, "/sslMode"),
            (#""address": "a", "sslRootCert": "ca.pem""#, "/sslRootCert: must be an absolute path"),
            (#""address": "a", "table": "a.b.c""#, "/table"), (#""address": "a", "table": "a.""#, "/table"),
            (#""address": "a", "password": "s3cret\u0000""#, "holds a zero byte"),
            (#""address": "a", "timeout": "x""#, "/timeout"),
        ])
    func refused(_ config: String, _ why: String) {
        #expect {
            _ = try self.host.configure(Postgres.self, "{ \(config) }")
        } throws: {
            "\($0)".contains(why) && !"\($0)".contains("s3cret")
        }
    }
}
