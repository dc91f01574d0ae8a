import Foundation
import TestSupport

/// rsyslogd, which writes what it understood of each message as a line of JSON.
final class Rsyslog: Sendable {
    let address: String
    private let transport: Transport
    private let folder: TemporaryFolder
    private let configuration: String
    private let process: Process

    /// Exchanged when the server is started again.
    private final class Process: @unchecked Sendable {
        // SAFETY: used by the one thread of a test.
        var child: ChildProcess?
    }

    enum Transport: String, Sendable { case udp, tcp, tls }

    struct Message: Decodable {
        let pri: String
        let time: String
        let host: String
        let app: String
        let procid: String
        let msgid: String
        let sd: String
        let msg: String
    }

    init(_ transport: Transport, _ certificates: TestCertificates? = nil) throws {
        self.transport = transport
        self.folder = try TemporaryFolder()
        let port = try freePort()
        self.address = "127.0.0.1:\(port)"
        let module = transport == .udp ? "imudp" : "imtcp"
        var input = "input(type=\"\(module)\" address=\"127.0.0.1\" port=\"\(port)\" ruleset=\"all\""
        var global =
            "global(workDirectory=\"\(self.folder.url.path)\" parser.escapeControlCharactersOnReceive=\"off\""
        if let certificates {
            input +=
                " streamDriver.name=\"ossl\" streamDriver.mode=\"1\" streamDriver.authMode=\"x509/certvalid\""
            global +=
                " defaultNetstreamDriver=\"ossl\""
                + " defaultNetstreamDriverCAFile=\"\(certificates.path("ca.pem"))\""
            global += " defaultNetstreamDriverCertFile=\"\(certificates.path("server.pem"))\""
            global += " defaultNetstreamDriverKeyFile=\"\(certificates.path("server.key"))\""
        }
        let fields = [
            ("pri", "pri"), ("time", "timereported:::date-rfc3339,json"), ("host", "hostname:::json"),
            ("app", "app-name:::json"), ("procid", "procid:::json"), ("msgid", "msgid:::json"),
            ("sd", "structured-data:::json"), ("msg", "msg:::json"),
        ].map { "\\\"\($0.0)\\\":\\\"%\($0.1)%\\\"" }.joined(separator: ",")
        self.configuration = """
            \(global))
            module(load="\(module)")
            template(name="seen" type="string" string="{\(fields)}\\n")
            ruleset(name="all") {
              action(type="omfile" file="\(self.folder.file("seen").path)" template="seen")
            }
            \(input))

            """
        _ = try self.folder.write(self.configuration, to: "rsyslog.conf")
        self.process = Process()
        try self.start()
    }

    deinit { self.stop() }

    func start() throws {
        self.process.child = try ChildProcess(
            "/usr/sbin/rsyslogd",
            [
                "-n", "-f", self.folder.file("rsyslog.conf").path, "-i", self.folder.file("pid").path,
            ], output: self.folder.file("log"))
        let process = self.process.child
        let hasCome = eventually(within: 60) { process?.state != nil || self.isBound }
        guard hasCome, process?.state == nil else {
            let ending = process?.state.map { "\($0)" } ?? "not ready"
            throw WireError(.timedOut, "rsyslogd: \(ending) \(self.folder.text(of: "log"))")
        }
    }

    /// It says nothing when it is ready; when its port answers, or is bound, it is.
    private var isBound: Bool {
        if self.transport != .udp { return (try? RawSocket.connect(to: self.address)) != nil }
        let port = UInt16(self.address.split(separator: ":").last ?? "") ?? 0
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let own = " 0100007F:" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal + " "
        return (try? String(contentsOfFile: "/proc/net/udp", encoding: .utf8))?.contains(own) ?? false
    }

    func stop() { self.process.child?.stop() }

    /// What has come, once there are so many.
    func messages(_ count: Int) throws -> [Message] {
        eventually { self.folder.text(of: "seen").filter { $0 == "\n" }.count >= count }
        return try self.folder.text(of: "seen").split(separator: "\n").map {
            try JSONDecoder().decode(Message.self, from: Data($0.utf8))
        }
    }

    var log: String { self.folder.text(of: "log") }
}
