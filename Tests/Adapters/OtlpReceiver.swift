import Foundation
import PosternSDK
import TestSupport

/// Fixtures/otlp_receiver.py, as a process.
final class OtlpReceiver {
    static let python = Binaries.checkout.appendingPathComponent(".build-venv/bin/python").path

    let port: Int
    let folder: TemporaryFolder
    private(set) var process: ChildProcess
    private let arguments: [String]

    /// - Parameter certificate: Files of a certificate and its key.
    init(_ transport: String, certificate: [String] = []) throws {
        self.port = try freePort()
        let folder = try TemporaryFolder()
        self.folder = folder
        let script = Binaries.checkout.appendingPathComponent("Tests/Adapters/Fixtures/otlp_receiver.py").path
        self.arguments = [script, transport, "\(self.port)", folder.url.path] + certificate
        self.process = try ChildProcess(Self.python, self.arguments, output: folder.file("log"))
        try self.wait()
    }

    deinit { self.process.stop() }

    private func wait() throws {
        guard eventually({ self.isReady }) else {
            throw Tool.Failure(description: self.folder.text(of: "log"))
        }
    }
    private var isReady: Bool { FileManager.default.fileExists(atPath: self.folder.file("ready").path) }

    /// Ends it at once.
    func kill() {
        self.process.send(signal: SIGKILL)
        eventually { self.process.state != nil }
        try? FileManager.default.removeItem(at: self.folder.file("ready"))
    }

    /// Starts it again after ``kill()``.
    func restart() throws {
        self.process = try ChildProcess(Self.python, self.arguments, output: self.folder.file("log"))
        try self.wait()
    }

    /// What it answers from now on, as JSON.
    func answer(_ json: String) throws { _ = try self.folder.write(json, to: "answer") }

    /// Requests so far.
    var requests: [JSONValue] {
        self.folder.text(of: "requests").split(separator: "\n").compactMap {
            try? JSONValue(parsing: Array($0.utf8))
        }
    }
    /// The last request of a kind; null without one.
    func last(_ kind: String) -> JSONValue {
        self.requests.last { $0["kind"]?.text == kind } ?? .null
    }
}

extension JSONValue {
    /// What stands at a path of keys and indices, written as `a.0.b`; null where there is nothing.
    func at(_ path: String) -> JSONValue {
        var value = self
        for key in path.split(separator: ".") {
            if case .array(let items) = value, let index = Int(key) {
                value = items.indices.contains(index) ? items[index] : .null
            } else {
                value = value[String(key)] ?? .null
            }
        }
        return value
    }

    /// As compact JSON.
    var json: String {
        var text: [UInt8] = []
        self.write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
