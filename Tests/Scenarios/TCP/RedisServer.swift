import Foundation
import TestSupport

/// Redis with a plain port and one of TLS, until it goes out of use.
final class RedisServer: Sendable {
    let port: Int
    let securePort: Int
    let folder: TemporaryFolder
    private let process: ChildProcess

    /// - Parameter names: Of its certificate, `redis.pem`.
    init(names: [String]) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        self.port = try freePort()
        self.securePort = try freePort()
        try Certificate.make(folder, "redis", names: names)
        self.process = try ChildProcess(
            "redis-server",
            [
                "--bind", "127.0.0.1", "--port", "\(self.port)", "--tls-port", "\(self.securePort)",
                "--tls-cert-file", folder.file("redis.pem").path, "--tls-key-file",
                folder.file("redis.key").path,
                "--tls-ca-cert-file", folder.file("redis.pem").path, "--tls-auth-clients", "no", "--save", "",
                "--dir", folder.url.path,
            ], output: folder.file("log"))
        let isReady = eventually { (try? self.ask(["ping"])) == "PONG\n" }
        guard isReady else {
            self.process.stop()
            throw WireError(.other, "Redis did not start: \(folder.text(of: "log"))")
        }
    }

    deinit { self.process.stop() }

    /// What redis-cli prints, asking the server itself or what listens at another address.
    func ask(_ command: [String], at address: String? = nil, sni: String? = nil) throws -> String {
        let parts = (address ?? "127.0.0.1:\(self.port)").split(separator: ":").map(String.init)
        var arguments = ["-h", parts[0], "-p", parts[1]]
        if let sni { arguments += ["--tls", "--sni", sni, "--cacert", self.folder.file("redis.pem").path] }
        return try Tool.run("redis-cli", arguments + command)
    }
}
