internal import Foundation
public import Testing

/// A file with an input, a line `-----`, and what the code under test must make of the input.
///
/// `UPDATE_GOLDEN=1 swift test` writes what the code makes of it; the difference is then reviewed as code.
public struct GoldenCase: Sendable, CustomTestStringConvertible {
    /// The file's name without its ending.
    public let name: String
    public let input: String
    private let expected: String
    private let file: String

    public var testDescription: String { self.name }

    /// All cases (`*.txt`) of the folder `Golden` beside the test's file, by name; at least one.
    public static func all(beside testFile: String = #filePath) throws -> [GoldenCase] {
        let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent(
            "Golden")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let cases = try names.filter { $0.hasSuffix(".txt") }.map {
            try GoldenCase(folder.appendingPathComponent($0))
        }
        try #require(!cases.isEmpty)
        return cases
    }

    private init(_ url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        let separator = "-----\n"
        let range = text.range(of: "\n" + separator)
        self.name = url.deletingPathExtension().lastPathComponent
        self.file = url.path
        self.input = range.map { String(text[..<$0.lowerBound]) + "\n" } ?? text
        self.expected = range.map { String(text[$0.upperBound...]) } ?? ""
    }

    /// The first difference between `actual` and what the file holds; nil when there is none.
    public func difference(from actual: String) throws -> String? {
        let actual = actual.isEmpty || actual.hasSuffix("\n") ? actual : actual + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try (self.input + "-----\n" + actual).write(toFile: self.file, atomically: true, encoding: .utf8)
            return nil
        }
        if actual == self.expected { return nil }
        let wanted = self.expected.split(separator: "\n", omittingEmptySubsequences: false)
        let found = actual.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, (want, got)) in zip(wanted, found).enumerated() where want != got {
            return "\(self.name): line \(number + 1) after the separator: want \(want), got \(got)"
        }
        return "\(self.name): want \(wanted.count) lines, got \(found.count)"
    }
}
