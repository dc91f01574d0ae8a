public import Foundation

/// What scenarios run: the release tree when `POSTERN_DIST` names one, else what was built beside the tests.
public enum Binaries {
    /// The working copy.
    public static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The release tree; nil when the tests run what was built beside them.
    public static let dist: URL? = ProcessInfo.processInfo.environment["POSTERN_DIST"].map {
        URL(fileURLWithPath: $0, relativeTo: Self.checkout).absoluteURL
    }

    /// The path of `postern` or `postern-proxy`.
    public static func program(_ name: String) -> String {
        self.dist?.appendingPathComponent("bin/\(name)").path ?? "\(self.buildFolder)/\(name)"
    }

    /// The folder of the project's plugins, for `plugins.path`; the release's programs find theirs without.
    public static var pluginFolder: String {
        self.dist?.appendingPathComponent("lib/postern/plugins").path ?? self.buildFolder
    }

    /// The runner may have loaded the tests as a library: the memory map tells which file holds them.
    private static let buildFolder: String = {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let line = maps.split(separator: "\n").first { $0.hasSuffix("PackageTests.xctest") }
        let path = line.flatMap { $0.split(separator: " ").last }.map(String.init) ?? CommandLine.arguments[0]
        return (path as NSString).deletingLastPathComponent
    }()
}
