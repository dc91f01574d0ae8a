internal import Foundation

/// Files that the build left beside the tests.
enum BuiltPlugins {
    /// The folder of the test executable, which has the plugins as `libNAME.so`.
    static var folder: String {
        // The runner may have loaded the tests as a library: ask the memory map which file holds them.
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let line = maps.split(separator: "\n").first { $0.hasSuffix("PackageTests.xctest") }
        let path = line.flatMap { $0.split(separator: " ").last }.map(String.init) ?? CommandLine.arguments[0]
        return (path as NSString).deletingLastPathComponent
    }

    static func file(_ name: String) -> String { "\(self.folder)/lib\(name).so" }
}
