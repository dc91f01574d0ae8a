import Foundation

/// A folder for one test, removed with it.
final class Folder {
    let path = NSTemporaryDirectory() + "postern-telemetry-" + UUID().uuidString
    init() throws {
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String) -> String { self.path + "/" + name }
    func read(_ name: String) -> String {
        (try? String(contentsOfFile: self.file(name), encoding: .utf8)) ?? ""
    }
}
