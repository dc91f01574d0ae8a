import Foundation
import TestSupport

/// syslog-ng, which Debian does not install beside rsyslog: `dev/bootstrap --test` unpacks it instead.
final class SyslogNG: Sendable {
    static let root = Binaries.checkout.appendingPathComponent(".build-extracted/syslog-ng/usr")
    static var isThere: Bool {
        FileManager.default.fileExists(atPath: Self.root.appendingPathComponent("sbin/syslog-ng").path)
    }

    let address: String
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// - Parameter transport: `udp`, `tcp` or `tls`.
    init(_ transport: String, _ certificates: TestCertificates? = nil) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        let port = try freePort()
        self.address = "localhost:\(port)"
        var tls = ""
        if let certificates {
            tls = """
                tls(key-file("\(certificates.path("server.key"))")
                cert-file("\(certificates.path("server.pem"))")
                ca-file("\(certificates.path("ca.pem"))") peer-verify(required-trusted))
                """
        }
        let configuration = """
            @version: 3.38
            options { stats-freq(0); keep-hostname(yes); };
            source all { syslog(transport("\(transport)") ip("127.0.0.1") port(\(port)) \(tls)); };
            destination seen {
              file("\(folder.file("seen").path)" template("$PRI|$HOST|$PROGRAM|$MSGID|$SDATA|$MSG\\n"));
            };
            log { source(all); destination(seen); };

            """
        let file = try folder.write(configuration, to: "syslog-ng.conf")
        let library = Self.root.appendingPathComponent("lib").path
        self.process = try ChildProcess(
            Self.root.appendingPathComponent("sbin/syslog-ng").path,
            [
                "-F", "--no-caps", "-e", "-f", file.path, "--module-path=\(library)/syslog-ng/3.38", "-R",
                folder.file("persist").path, "-p", folder.file("pid").path, "-c", folder.file("control").path,
            ], output: folder.file("log"),
            environment: ["LD_LIBRARY_PATH": "\(library)/syslog-ng:\(library)/x86_64-linux-gnu"])
        guard eventually({ folder.text(of: "log").contains("starting up") }) else {
            self.process.stop()
            throw WireError(.timedOut, "syslog-ng: \(folder.text(of: "log"))")
        }
    }

    deinit { self.process.stop() }

    var log: String { self.folder.text(of: "log") }

    /// What has come, once there are so many lines.
    func lines(_ count: Int) -> [String] {
        eventually { self.folder.text(of: "seen").filter { $0 == "\n" }.count >= count }
        return self.folder.text(of: "seen").split(separator: "\n").map(String.init)
    }
}
