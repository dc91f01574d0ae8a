import Foundation
import TestSupport
import Testing

/// Real clients of TLS: curl, and openssl's.
struct TLSClients {
    let files: TestCertificates
    /// `127.0.0.1:port` of the listener.
    let address: String

    struct Answer {
        let isGood: Bool
        let output: String
    }

    private var port: String { String(address.split(separator: ":")[1]) }
    private var host: String { String(address.split(separator: ":")[0]) }

    /// Asks for a path of `a.example` with curl, trusting the test's authority.
    func curl(_ arguments: [String] = [], host: String = "a.example", path: String = "/") throws -> Answer {
        let command = try Command(
            "curl",
            [
                "--silent", "--show-error", "--max-time", "10", "--http1.1", "--cacert",
                self.files.path("ca.pem"),
                "--connect-to", "\(host):443:\(self.host):\(self.port)",
            ] + arguments + ["https://\(host)\(path)"])
        return Answer(isGood: command.ending == .exited(0), output: command.output)
    }

    /// What `openssl s_client` prints of a connection, on which it sends a request.
    func openssl(_ arguments: [String] = [], host: String? = "a.example", path: String = "/") throws -> Answer
    {
        let name = host.map { ["-servername", $0] } ?? ["-noservername"]
        let client =
            ["s_client", "-connect", self.address, "-CAfile", self.files.path("ca.pem")] + name + arguments
        let line = client.map { "'\($0)'" }.joined(separator: " ")
        let request =
            "GET \(path) HTTP/1.1\\r\\nhost: \(host ?? "a.example")\\r\\nconnection: close\\r\\n\\r\\n"
        let command = try Command("sh", ["-c", "printf '\(request)' | timeout 60 openssl \(line) -ign_eof"])
        return Answer(isGood: command.ending == .exited(0), output: command.output)
    }
}

/// A certificate authority, a gateway with TLS, and a backend in plain text.
final class TLSGateway: Sendable {
    let files: TestCertificates
    let backend: RawBackend
    let proxy: ProxyProcess

    /// - Parameters:
    ///   - tls: Lines of the listener's `tls` in YAML's flow style, with `{name.pem}` for files.
    ///   - listener: Further keys of the listener.
    init(
        _ files: TestCertificates, tls: String, listener: String = "", rule: String = "service: backend",
        workers: Int = 1, logLevel: String = "debug"
    ) throws {
        self.files = files
        self.backend = try RawBackend()
        self.proxy = try ProxyProcess(
            Self.configuration(files, self.backend, tls, listener, rule), workers: workers, logLevel: logLevel
        )
    }

    static func configuration(
        _ files: TestCertificates, _ backend: RawBackend, _ tls: String, _ listener: String = "",
        _ rule: String = "service: backend"
    ) -> String {
        """
        listeners:
          - { name: public, address: "127.0.0.1:0", tls: { \(Self.named(tls, files)) }\(listener) }
          - { name: plain, address: "127.0.0.2:0"\(listener) }
        routes:
          - { name: all, rules: [{ \(rule) }] }
        services:
          - { name: backend, endpoints: ["\(backend.address)"] }
        """
    }

    /// The text with `{file}` replaced by the file's path.
    static func named(_ text: String, _ files: TestCertificates) -> String {
        text.replacing(/\{([a-z0-9-]+\.[a-z]+)\}/) { "\"\(files.path(String($0.1)))\"" }
    }

    var clients: TLSClients { TLSClients(files: self.files, address: self.proxy.listeners["public"] ?? "") }
}
