import Foundation
import PosternSDK
import PosternTestKit
import Redisquota
import TestSupport
import Testing

@Suite(.ownThread) struct RedisquotaTests {
    let host = TestHost()
    let shape = TestShape(.quota, name: "requests", columns: ["source", "destination"])

    func record(_ source: String, _ destination: String = "shop") -> TestRecord {
        TestRecord(self.shape, [.string(source), .string(destination)])
    }

    func config(_ redis: Redis, _ quota: String = #""max": 5, "per": "1h""#, _ more: String = "") -> String {
        """
        { "address": "127.0.0.1:\(redis.port)", "password": "hunter2",
          "quotas": [{ "name": "requests", \(quota) }]\(more) }
        """
    }

    @Test("Each set of dimensions has its amount, which all gateways share", arguments: ["fixed", "rolling"])
    func amounts(algorithm: String) throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let quota = """
            "max": 5, "per": "1h", "algorithm": "\(algorithm)",
            "overrides": [{ "dimensions": { "source": "batch" }, "max": 2 }]
            """
        let one = try self.host.configure(RedisquotaAdapter.self, self.config(redis, quota))
        let other = try TestHost().configure(RedisquotaAdapter.self, self.config(redis, quota))
        #expect(try one.quota(self.record("alice"), amount: 3).amount == 3)
        #expect(try other.quota(self.record("alice"), amount: 3).amount == 0)
        #expect(try other.quota(self.record("alice"), amount: 3, bestEffort: true).amount == 2)
        #expect(try one.quota(self.record("alice"), amount: 1).amount == 0)
        #expect(try one.quota(self.record("bob"), amount: 5).amount == 5)
        #expect(try one.quota(self.record("batch"), amount: 5, bestEffort: true).amount == 2)
        #expect(try one.quota(self.record("al", "iceshop"), amount: 5).amount == 5)
        let stranger = try TestHost().configure(
            RedisquotaAdapter.self, self.config(redis, quota, #", "keyPrefix": "other:""#))
        #expect(try stranger.quota(self.record("alice"), amount: 5).amount == 5)
    }

    @Test("Redis is sent a script once, and its hash from then on", arguments: ["fixed", "rolling"])
    func scripts(algorithm: String) throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let handler = try self.host.configure(
            RedisquotaAdapter.self,
            self.config(redis, "\"max\": 5, \"per\": \"1h\", \"algorithm\": \"\(algorithm)\""))
        for _ in 1...3 { #expect(try handler.quota(self.record("alice"), amount: 1).amount == 1) }
        let commands = try redis.ask("INFO", "commandstats")
        #expect(commands.contains("cmdstat_eval:calls=1,"), "\(commands)")
        #expect(commands.contains("cmdstat_evalsha:calls=3,"), "\(commands)")
    }

    @Test("The same request asked again has the same answer, and is counted once")
    func deduplication() throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let config = self.config(redis, #""max": 5, "per": "1h""#, #", "deduplication": "1h""#)
        let handler = try self.host.configure(RedisquotaAdapter.self, config)
        for _ in 0..<3 {
            #expect(try handler.quota(self.record("alice"), amount: 3, deduplicationID: 77).amount == 3)
        }
        #expect(try handler.quota(self.record("bob"), amount: 5, deduplicationID: 77).amount == 5)
        #expect(try handler.quota(self.record("alice"), amount: 2, deduplicationID: 78).amount == 2)
        #expect(try handler.quota(self.record("alice"), amount: 1, deduplicationID: 79).amount == 0)
    }

    @Test("What was granted comes back when its window is over", arguments: ["fixed", "rolling"])
    func windows(algorithm: String) throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let handler = try self.host.configure(
            RedisquotaAdapter.self,
            self.config(redis, "\"max\": 5, \"per\": \"500ms\", \"algorithm\": \"\(algorithm)\""))
        let grant = try handler.quota(self.record("alice"), amount: 5)
        #expect(grant.amount == 5 && grant.validDuration > .zero && grant.validDuration <= .milliseconds(500))
        #expect(try eventually { try handler.quota(self.record("alice"), amount: 5).amount == 5 })
        // Nothing is left behind in Redis.
        #expect(try eventually { try redis.ask("DBSIZE") == "0" })
    }

    @Test("A lifetime that is longer than nanoseconds can count is a long one")
    func longest() throws {
        let backend = try RawBackend()
        backend.onConnection { connection in
            _ = try connection.readSome()
            try connection.send("*2\r\n:1\r\n:9223372036900\r\n")
            _ = try connection.readToEnd()
        }
        let handler = try self.host.configure(
            RedisquotaAdapter.self,
            """
            { "address": "\(backend.address)", "timeout": "20s",
              "quotas": [{ "name": "requests", "max": 5, "per": "1h" }] }
            """)
        let grant = try handler.quota(self.record("alice"), amount: 1)
        #expect(grant.amount == 1 && grant.validDuration > .seconds(9_000_000_000))
    }

    @Test("In no stretch of a rolling window's length is more granted than the limit")
    func rolling() throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let handler = try self.host.configure(
            RedisquotaAdapter.self, self.config(redis, #""max": 7, "per": "200ms", "algorithm": "rolling""#))
        var grants: [(before: Date, after: Date, amount: Int)] = []
        let end = Date(timeIntervalSinceNow: 20)
        while grants.reduce(0, { $0 + $1.amount }) < 28, Date() < end {
            let before = Date()
            let amount = try handler.quota(self.record("a"), amount: 2, bestEffort: true).amount
            if amount > 0 { grants.append((before, Date(), amount)) }
        }
        for grant in grants {
            // Surely within one window: from before the first to after the last.
            let stretch = grants.filter {
                $0.before >= grant.before && $0.after.timeIntervalSince(grant.before) < 0.2
            }
            #expect(stretch.reduce(0) { $0 + $1.amount } <= 7)
        }
        #expect(grants.reduce(0) { $0 + $1.amount } >= 28)
    }

    @Test("An absent, killed, locked or slow Redis is a failure; when it is back it is asked")
    func failures() throws {
        let redis = try Redis()
        defer { redis.process.stop() }
        let handler = try self.host.configure(
            RedisquotaAdapter.self, self.config(redis, #""max": 5, "per": "1h""#, #", "timeout": "300ms""#))
        func why() -> String {
            do {
                return "\(try handler.quota(self.record("alice")).amount)"
            } catch { return (error as? TestFailure)?.problem ?? "" }
        }
        #expect(eventually { why() == "1" })
        redis.process.send(signal: SIGSTOP)
        #expect(why().contains("timed out"))
        redis.process.send(signal: SIGCONT)
        #expect(eventually { why() == "1" })
        redis.kill()
        #expect(why().contains("refused") || why().contains("closed"))
        try redis.restart()
        #expect(eventually { why() == "1" })
        // Redis forgets scripts when it is told to.
        _ = try redis.ask("SCRIPT", "FLUSH")
        #expect(eventually { why() == "1" })
        let locked = try self.host.configure(
            RedisquotaAdapter.self, self.config(redis).replacing("hunter2", with: "wrong secret"))
        let failure = #expect(throws: TestFailure.self) { try locked.quota(self.record("alice")) }
        #expect(failure?.problem.contains("WRONGPASS") == true)
        #expect(failure?.problem.contains("wrong secret") == false)
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        func why(_ json: String) -> String { problem(RedisquotaAdapter.self, json) }
        let quotas = #""quotas": [{ "name": "a", "max": 1, "per": "1s" }]"#
        #expect(why("{ \"address\": \"a b\", \(quotas) }").hasPrefix("/address: must be HOST:PORT"))
        #expect(why(#"{ "address": "a:1", "quotas": [] }"#) == "/quotas: must not be empty")
        #expect(
            why("{ \"address\": \"a:1\", \"username\": \"u\", \(quotas) }")
                == "/username: needs a password, too")
        #expect(
            why("{ \"address\": \"a:1\", \"database\": -1, \(quotas) }").hasPrefix("/database: must be 0"))
        #expect(why("{ \"address\": \"a:1\", \"keyPrefix\": \"\", \(quotas) }").hasPrefix("/keyPrefix: must"))
        #expect(why("{ \"address\": \"a:1\", \"timeout\": \"0s\", \(quotas) }").hasPrefix("/timeout: must"))
    }
}

/// Debian's redis-server, with a password and files of its own.
final class Redis {
    let port: Int
    private(set) var process: ChildProcess
    private let folder: TemporaryFolder

    init() throws {
        self.port = try freePort()
        self.folder = try TemporaryFolder()
        self.process = try Self.start(self.port, self.folder)
        try self.wait()
    }

    private static func start(_ port: Int, _ folder: TemporaryFolder) throws -> ChildProcess {
        try ChildProcess(
            "redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--requirepass", "hunter2", "--save", "",
                "--dir", folder.url.path,
            ], output: folder.file("log"))
    }

    private func wait() throws {
        guard eventually({ (try? self.ask("PING")) == "PONG" }) else {
            throw Tool.Failure(description: self.folder.text(of: "log"))
        }
    }

    /// What a command prints.
    @discardableResult
    func ask(_ command: String...) throws -> String {
        let arguments = ["-p", "\(self.port)", "-a", "hunter2", "--no-auth-warning"] + command
        return try Tool.run("redis-cli", arguments).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func kill() {
        self.process.send(signal: SIGKILL)
        eventually { self.process.state != nil }
    }

    func restart() throws {
        self.process = try Self.start(self.port, self.folder)
        try self.wait()
    }
}
