internal import Foundation

/// A plugin that a test compiles from C into a folder of its own, as `test.so`.
public final class CompiledPlugin: Sendable {
    private let temporary: TemporaryFolder
    public var folder: String { self.temporary.url.path }
    public var file: String { "\(self.folder)/test.so" }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
    /// The folder of the ABI's headers.
    public static let include = tests.deletingLastPathComponent().appending(
        path: "SDK/Sources/CPosternABI/include"
    ).path()

    /// - Parameters:
    ///   - source: A path below `Tests`.
    ///   - libraries: Files that it is linked with, needed or not.
    public init(_ source: String, defining definitions: [String] = [], linking libraries: [String] = [])
        throws
    {
        self.temporary = try TemporaryFolder()
        try self.build(source, defining: definitions, linking: libraries)
    }

    /// Compiles beside the file and renames over it, as an operator's tool would.
    public func build(
        _ source: String, defining definitions: [String] = [], linking libraries: [String] = []
    ) throws {
        let options = [
            "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            "-I\(Self.include)",
        ]
        let fresh = "\(self.folder)/fresh"
        try Tool.run(
            "cc",
            options + definitions.map { "-D\($0)" } + [
                Self.tests.appending(path: source).path(), "-o", fresh, "-Wl,--no-as-needed",
            ] + libraries
        )
        guard rename(fresh, self.file) == 0 else {
            throw Tool.Failure(description: "cannot rename \(fresh): \(String(cString: strerror(errno)))")
        }
    }
}
