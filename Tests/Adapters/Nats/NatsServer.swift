import Foundation
import TestSupport

/// A NATS server with JetStream, whose streams outlive its process.
final class NatsServer {
    let port: Int
    var address: String { "127.0.0.1:\(self.port)" }
    private let folder: TemporaryFolder
    private let credentials: String
    private var child: ChildProcess?

    /// - Parameters:
    ///   - options: Lines of its configuration.
    ///   - credentials: `user:password` for those who make and read streams.
    init(_ options: String = "", credentials: String = "") throws {
        self.folder = try TemporaryFolder()
        self.port = try freePort()
        self.credentials = credentials
        let text = """
            listen: "127.0.0.1:\(self.port)"
            jetstream { store_dir: "\(self.folder.file("streams").path)" }
            \(options)

            """
        _ = try self.folder.write(text, to: "nats.conf")
        try self.start()
    }

    deinit { self.stop() }

    func start() throws {
        let child = try ChildProcess(
            Binaries.checkout.appendingPathComponent(".build-venv/bin/nats-server").path,
            ["-c", self.folder.file("nats.conf").path], output: self.folder.file("log"))
        self.child = child
        let listens = eventually {
            child.state != nil || (try? RawSocket.connect(to: self.address)) != nil
        }
        guard listens, child.state == nil else {
            throw WireError(.other, "nats-server: \(self.folder.text(of: "log"))")
        }
    }

    func stop() {
        self.child?.send(signal: SIGKILL)
        eventually { self.child?.state != nil }
    }

    /// Stops its process where it is, or lets it go on.
    func pause(_ isPaused: Bool) { self.child?.pause(isPaused) }

    func create(_ stream: String, _ subject: String, _ limits: String...) throws {
        try self.streams(["create", stream, subject] + limits)
    }

    /// The messages of a stream.
    func read(_ stream: String) throws -> [[String: Any]] {
        try self.streams(["read", stream]).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    @discardableResult
    private func streams(_ arguments: [String]) throws -> String {
        let at = self.credentials.isEmpty ? "" : "\(self.credentials)@"
        return try Tool.run(
            PythonServer.python,
            [PythonServer.fixture("nats_streams.py"), "nats://\(at)\(self.address)"] + arguments)
    }
}
