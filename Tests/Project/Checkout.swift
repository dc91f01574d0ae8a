import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The working copy these tests were built from.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The release tree of `make build`; `dev/test` names it, and then it must be there.
    static let dist = root.appending(path: ProcessInfo.processInfo.environment["POSTERN_DIST"] ?? "dist")

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
    static func output(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await run(
            .name(program),
            arguments: Arguments(arguments),
            environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "\(program) \(arguments): \(result.standardError)")
        }
        return result.standardOutput
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}

extension Checkout {
    /// The package's manifest as JSON.
    static func manifest() async throws -> String {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let result = try await run(
            .name("swift"),
            arguments: [
                "package", "--package-path", Self.root.path, "--scratch-path", scratch.path, "dump-package",
            ],
            output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "swift package dump-package: \(result.standardError)")
        }
        return result.standardOutput
    }
}
