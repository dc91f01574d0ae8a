import Foundation
import TestSupport

/// A server in Python, from `Tests/Adapters/Fixtures`. It writes what it sees to a file, as JSON.
///
/// It is told `--port` and `--seen`, and is ready when it listens.
final class PythonServer {
    let port: Int
    var address: String { "127.0.0.1:\(self.port)" }
    let folder: TemporaryFolder
    private let script: String
    private var child: ChildProcess?

    static let python = Binaries.checkout.appendingPathComponent(".build-venv/bin/python3").path

    static func fixture(_ name: String) -> String {
        Binaries.checkout.appendingPathComponent("Tests/Adapters/Fixtures/\(name)").path
    }

    init(_ script: String, _ arguments: [String] = []) throws {
        self.folder = try TemporaryFolder()
        self.port = try freePort()
        self.script = script
        try self.start(arguments)
    }

    deinit { self.stop() }

    func start(_ arguments: [String] = []) throws {
        self.child = try ChildProcess(
            Self.python,
            [
                Self.fixture(self.script), "--port", "\(self.port)", "--seen", self.folder.file("seen").path,
            ] + arguments, output: self.folder.file("log"), environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        let listens = eventually {
            self.child?.state != nil || (try? RawSocket.connect(to: self.address)) != nil
        }
        guard listens, self.child?.state == nil else {
            throw WireError(.other, "\(self.script): \(self.folder.text(of: "log"))")
        }
    }

    func stop() {
        self.child?.send(signal: SIGKILL)
        eventually { self.child?.state != nil }
    }

    /// Stops its process where it is, or lets it go on.
    func pause(_ isPaused: Bool) { self.child?.pause(isPaused) }

    /// What it has seen, once there are so many lines.
    func seen(_ count: Int) throws -> [[String: Any]] {
        eventually { self.folder.text(of: "seen").filter { $0 == "\n" }.count >= count }
        return try self.folder.text(of: "seen").split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }
}

extension ChildProcess {
    /// Stops it where it is, or lets it go on.
    func pause(_ isPaused: Bool) {
        self.send(signal: isPaused ? SIGSTOP : SIGCONT)
        // Each of its threads stops for itself.
        let tasks = "/proc/\(self.pid)/task"
        eventually {
            let states = (try? FileManager.default.contentsOfDirectory(atPath: tasks))?.map { task in
                (try? String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)) ?? ") T"
            }
            return states?.allSatisfy { $0.contains(") T") == isPaused } == true
        }
    }
}
