import Foundation
import TestSupport

/// PostgreSQL with TLS and a database of pgbench's, until it goes out of use.
final class PostgresServer: Sendable {
    private static let programs = "/usr/lib/postgresql/15/bin"
    let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    init() throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        self.port = try freePort()
        let data = folder.file("data").path
        try Certificate.make(folder, "server", names: ["localhost"])
        // It refuses to run as root.
        if getuid() == 0 { try Tool.run("chown", ["-R", "postgres", folder.url.path]) }
        try Tool.run(
            Self.command("initdb"),
            Self.arguments("initdb", ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-N"]))
        self.process = try ChildProcess(
            Self.command("postgres"),
            Self.arguments(
                "postgres",
                [
                    "-D", data, "-p", "\(self.port)", "-h", "127.0.0.1", "-k", folder.url.path, "-c",
                    "fsync=off",
                    "-c", "ssl=on", "-c", "ssl_cert_file=\(folder.file("server.pem").path)",
                    "-c", "ssl_key_file=\(folder.file("server.key").path)", "-c", "max_connections=100",
                ]), output: folder.file("log"))
        let isReady = eventually(within: 60) { (try? self.query("select 1")) == "1\n" }
        guard isReady else {
            self.process.stop()
            throw WireError(.other, "PostgreSQL did not start: \(folder.text(of: "log"))")
        }
        try Tool.run(
            "\(Self.programs)/pgbench",
            ["-q", "-i", "-s", "1", "postgresql://postgres@127.0.0.1:\(self.port)"])
    }

    deinit { self.process.stop() }

    /// What psql prints for a query of the server itself, or of what listens at another address.
    func query(_ text: String, at address: String? = nil, parameters: String = "") throws -> String {
        let address = address ?? "127.0.0.1:\(self.port)"
        return try Tool.run(
            "psql", ["-XqAt", "postgresql://postgres@\(address)/postgres?\(parameters)", "-c", text])
    }

    /// Runs pgbench's selects against what listens at an address; what it prints.
    static func benchmark(_ address: String, clients: Int, transactions: Int, parameters: String = "") throws
        -> String
    {
        try Tool.run(
            "\(Self.programs)/pgbench",
            [
                "-n", "-S", "-C", "-c", "\(clients)", "-t", "\(transactions)",
                "postgresql://postgres@\(address)/postgres?\(parameters)",
            ])
    }

    private static func command(_ program: String) -> String {
        getuid() == 0 ? "setpriv" : "\(Self.programs)/\(program)"
    }

    private static func arguments(_ program: String, _ arguments: [String]) -> [String] {
        guard getuid() == 0 else { return arguments }
        return ["--reuid=postgres", "--regid=postgres", "--init-groups", "\(Self.programs)/\(program)"]
            + arguments
    }
}

/// A certificate that signs itself.
enum Certificate {
    /// Makes `NAME.pem` and `NAME.key` in the folder.
    static func make(_ folder: TemporaryFolder, _ name: String, names: [String]) throws {
        try Tool.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=\(names[0])", "-addext",
                "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","),
                "-keyout", folder.file("\(name).key").path, "-out", folder.file("\(name).pem").path,
            ])
    }
}
