import Foundation
import TestSupport

/// The working copy these tests were built from.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The release tree of `make build`; `dev/test` names it, and then it must be there.
    static let dist = root.appending(path: ProcessInfo.processInfo.environment["POSTERN_DIST"] ?? "dist")

    /// Folders below `Plugins/` that are none.
    static let sharedByPlugins: Set = ["Shared", "Net", "Serve"]

    static var hasDist: Bool {
        ProcessInfo.processInfo.environment["POSTERN_DIST"] != nil
            || FileManager.default.fileExists(atPath: dist.path)
    }

    /// Regular files below `folder` whose name ends in `suffix`.
    static func files(below folder: URL, suffix: String = "") -> [URL] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) && !$0.contains(".build") }
            .map { folder.appending(path: $0) }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
    }

    /// What a program prints, with nothing in its environment but a plain search path.
    static func output(_ program: String, _ arguments: [String]) throws -> String {
        try Tool.run(program, arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    }
}

extension Checkout {
    /// The package's manifest as JSON.
    static func manifest() throws -> String {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = try Tool.run(
            "swift",
            ["package", "--package-path", Self.root.path, "--scratch-path", scratch.path, "dump-package"]
        )
        // Its progress comes first.
        return output.firstIndex(of: "{").map { String(output[$0...]) } ?? output
    }
}
