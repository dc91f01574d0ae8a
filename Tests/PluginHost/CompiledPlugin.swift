internal import Foundation
internal import Subprocess
@testable internal import PluginHost

/// A plugin that a test compiles from C into a folder of its own, as `test.so`.
final class CompiledPlugin {
    struct CompilerError: Error { let text: String }

    let folder: String
    var file: String { "\(self.folder)/test.so" }

    static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let include = tests.deletingLastPathComponent().appending(path: "SDK/Sources/CPosternABI/include")
        .path()

    /// - Parameter source: A path below `Tests`.
    init(_ source: String, defining definitions: [String] = []) async throws {
        self.folder = NSTemporaryDirectory() + "postern-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        try await self.build(source, defining: definitions)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    /// Compiles beside the file and renames over it, as an operator's tool would.
    func build(_ source: String, defining definitions: [String] = []) async throws {
        let arguments = [
            "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            "-I\(Self.include)",
        ]
        let fresh = "\(self.folder)/fresh"
        try await Self.run(
            "cc",
            arguments + definitions.map { "-D\($0)" } + [
                Self.tests.appending(path: source).path(), "-o", fresh,
            ]
        )
        guard rename(fresh, self.file) == 0 else { throw CompilerError(text: "rename failed") }
    }

    static func run(_ tool: String, _ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .name(tool), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 1 << 20)
        )
        if !result.terminationStatus.isSuccess { throw CompilerError(text: result.standardError) }
    }

    /// A store whose probes run the tests' own child.
    static func store(timeout: Duration = .seconds(30)) -> PluginStore {
        PluginStore(probe: PluginProbe(program: "\(BuiltPlugins.folder)/plugin-probe", timeout: timeout))
    }

    var search: PluginSearch { PluginSearch(paths: [self.folder], installed: nil) }
}
