import Foundation

/// A folder that goes away with the object.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = NSTemporaryDirectory() + "mixer-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Paths of the segments of the handler `fake`, oldest first.
    var segments: [String] {
        let folder = "\(self.path)/fake"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("segment-") }.sorted().map { "\(folder)/\($0)" }
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    func change(_ path: String, _ change: (inout Data) -> Void) throws {
        var bytes = try self.bytes(path)
        change(&bytes)
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}
