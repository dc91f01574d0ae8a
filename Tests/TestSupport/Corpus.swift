internal import Foundation

/// One raw message of `Tests/Corpus` and what must become of it; the README there explains the keys.
public struct CorpusCase: Sendable, CustomStringConvertible {
    /// Folder and file.
    public var file: String
    /// By key, in the order written; a key may repeat.
    public var lines: [(key: String, value: String)]

    public var title: String { self.first("title") ?? "" }
    public var description: String { "\(self.file): \(self.title)" }

    /// The bytes to send.
    public var send: [UInt8] { self.all("send").flatMap(Self.unescape) }
    /// nil when the message is accepted.
    public var refusal: Int? { self.first("status").flatMap { Int($0) } }
    public var isNextServed: Bool { self.first("next") == "served" }
    /// The body that passes, when the case says so.
    public var body: [UInt8]? { self.first("body").map(Self.unescape) }

    /// The value of the first line with that key, escapes as written.
    public func first(_ key: String) -> String? { self.lines.first { $0.key == key }?.value }
    public func all(_ key: String) -> [String] { self.lines.filter { $0.key == key }.map(\.value) }

    /// Reads every case of `Tests/Corpus/<folder>`.
    public static func load(_ folder: String) throws -> [CorpusCase] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let directory = root.appendingPathComponent("Corpus").appendingPathComponent(folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter {
            $0.hasSuffix(".txt")
        }
        return try files.sorted().flatMap { file in
            try Self.parse(
                String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8),
                file: "\(folder)/\(file)")
        }
    }

    /// A line that is neither a case's nor a remark.
    public struct BadLine: Error, CustomStringConvertible {
        public let description: String
    }

    static func parse(_ text: String, file: String) throws -> [CorpusCase] {
        var cases: [CorpusCase] = []
        var present = CorpusCase(file: file, lines: [])
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line == "---" {
                cases.append(present)
                present.lines = []
                continue
            }
            guard let colon = line.firstIndex(of: ":") else {
                throw BadLine(description: "\(file): '\(line)' must be 'key: value', '---' or '# remark'")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            present.lines.append((String(line[..<colon]), String(value)))
        }
        if !present.lines.isEmpty { cases.append(present) }
        return cases
    }

    /// Turns escapes into bytes: `\r \n \t \\ \xHH` and `\*N*TEXT*` for N times TEXT.
    public static func unescape(_ text: String) -> [UInt8] { Self.unescape(Array(text.utf8)[...]) }

    private static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "x"):
                result.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "*"):
                let count = rest.prefix { $0 != UInt8(ascii: "*") }
                rest = rest.dropFirst(count.count + 1)
                let repeated = rest.prefix { $0 != UInt8(ascii: "*") }
                rest = rest.dropFirst(repeated.count + 1)
                let bytes = Self.unescape(repeated)
                for _ in 0..<(Int(String(decoding: count, as: UTF8.self)) ?? 0) { result += bytes }
            default: result.append(kind)
            }
        }
        return result
    }
}
