import Foundation
import TestSupport

/// PostgreSQL of a test's own, whose data outlives its process.
final class Database {
    private static let programs = "/usr/lib/postgresql/15/bin"
    let port: Int
    var address: String { "127.0.0.1:\(self.port)" }
    private let folder: TemporaryFolder
    private var child: ChildProcess?

    init() throws {
        self.folder = try TemporaryFolder()
        self.port = try freePort()
        // It refuses to run as root.
        if getuid() == 0 { try Tool.run("chown", ["-R", "postgres", self.folder.url.path]) }
        let password = try self.folder.write("s3cret\n", to: "password")
        if getuid() == 0 { try Tool.run("chown", ["postgres", password.path]) }
        try Tool.run(
            Self.command("initdb"),
            Self.arguments(
                "initdb",
                [
                    "-D", self.folder.file("data").path, "-A", "scram-sha-256", "-U", "postgres", "--no-sync",
                    "-N", "--pwfile", password.path, "-E", "UTF8", "--no-locale",
                ]))
        try self.start()
    }

    deinit { self.stop() }

    func start() throws {
        let child = try ChildProcess(
            Self.command("postgres"),
            Self.arguments(
                "postgres",
                [
                    "-D", self.folder.file("data").path, "-p", "\(self.port)", "-h", "127.0.0.1", "-k",
                    self.folder.url.path, "-c", "fsync=off", "-c", "max_connections=20",
                ]), output: self.folder.file("log"))
        self.child = child
        let isReady = eventually(within: 60) {
            child.state != nil || (try? self.query("select 1")) == "1\n"
        }
        guard isReady, child.state == nil else {
            throw WireError(.other, "PostgreSQL did not start: \(self.folder.text(of: "log"))")
        }
    }

    /// Ends it at once, as a crash of the machine would; its children end with it.
    func stop() {
        self.child?.send(signal: SIGQUIT)
        if !eventually({ self.child?.state != nil }) { self.child?.stop() }
    }

    /// What psql prints for a query.
    @discardableResult
    func query(_ text: String) throws -> String { try Tool.run("psql", ["-XqAt", self.url, "-c", text]) }

    /// A psql that is at a query.
    func beginQuery(_ text: String) throws -> ChildProcess {
        try ChildProcess("psql", ["-XqAt", self.url, "-c", text], output: self.folder.file("psql"))
    }

    private var url: String { "postgresql://postgres:s3cret@\(self.address)/postgres?connect_timeout=5" }

    private static func command(_ program: String) -> String {
        getuid() == 0 ? "setpriv" : "\(Self.programs)/\(program)"
    }

    private static func arguments(_ program: String, _ arguments: [String]) -> [String] {
        guard getuid() == 0 else { return arguments }
        return ["--reuid=postgres", "--regid=postgres", "--init-groups", "\(Self.programs)/\(program)"]
            + arguments
    }
}
