public import Foundation

/// Plugins that a test compiles from C.
public enum CompiledFilter {
    /// Compiles `source`, a path below `Tests`, and renames the result over `file`, as an operator's tool
    /// would.
    public static func build(_ source: String, defining definitions: [String] = [], to file: URL) throws {
        let tests = Binaries.checkout.appendingPathComponent("Tests")
        let include = Binaries.checkout.appendingPathComponent("SDK/Sources/CPosternABI/include")
        let fresh = file.appendingPathExtension("new")
        let log = file.appendingPathExtension("log")
        let compiler = try ChildProcess(
            "cc",
            [
                "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                "-I\(include.path)",
            ] + definitions.map { "-D\($0)" } + [
                tests.appendingPathComponent(source).path, "-o", fresh.path,
            ],
            output: log
        )
        eventually { compiler.state != nil }
        guard compiler.stop() == .exited(0) else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw WireError(.other, "cannot compile \(source): \(text)")
        }
        try Self.rename(fresh, over: file)
    }

    /// Puts `contents` in the place of `file` in one step.
    public static func replace(_ file: URL, with contents: Data) throws {
        let fresh = file.appendingPathExtension("new")
        try contents.write(to: fresh)
        try Self.rename(fresh, over: file)
    }

    private static func rename(_ fresh: URL, over file: URL) throws {
        guard Glibc.rename(fresh.path, file.path) == 0 else {
            throw WireError(.other, "cannot rename \(fresh.path): \(String(cString: strerror(errno)))")
        }
    }
}

extension Data {
    /// A copy in which `mark`, which must be there, is replaced by a text of the same length.
    public func replacing(_ mark: String, with text: String) -> Data {
        var copy = self
        while let range = copy.range(of: Data(mark.utf8)) {
            copy.replaceSubrange(range, with: Data(text.utf8))
        }
        return copy
    }
}
