public import Foundation

/// A folder of its own for one test or suite, removed at the end.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        // Short, because the path of a Unix socket has at most 107 bytes.
        let name = "postern-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        self.url = URL(fileURLWithPath: "/tmp").appendingPathComponent(name)
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: self.url) }

    public func file(_ name: String) -> URL { self.url.appendingPathComponent(name) }

    public func write(_ text: String, to name: String) throws -> URL {
        let file = self.file(name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    /// Puts a link to `target` in the place of `file` in one step.
    public func link(_ file: URL, to target: URL) throws {
        let fresh = file.appendingPathExtension("link")
        try FileManager.default.createSymbolicLink(at: fresh, withDestinationURL: target)
        guard rename(fresh.path, file.path) == 0 else {
            throw WireError(.other, "cannot rename \(fresh.path): \(String(cString: strerror(errno)))")
        }
    }

    /// What the file holds; empty when it is not there.
    public func text(of name: String) -> String {
        (try? String(contentsOf: self.file(name), encoding: .utf8)) ?? ""
    }
}
