import Foundation
import TestSupport
import Testing

/// The promise of the ABI, as far as it can be checked: headers for C and C++, and growth at the end only.
@Suite struct ABILayoutTests {
    private static let headers = Checkout.root.appending(path: "SDK/Sources/CPosternABI/include")

    private static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: headers.path).filter { $0.hasSuffix(".h") }
            .sorted()
    }

    @Test("Each header compiles by itself, as C11 and as C++17", arguments: try names())
    func compiles(_ name: String) throws {
        let folder = try TemporaryFolder()
        let source = try folder.write("#include \"\(name)\"\nint main(void) { return 0; }\n", to: "a.c").path
        let options = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-I\(Self.headers.path)"]
        try Tool.run("cc", ["-std=c11"] + options + [source])
        try Tool.run("c++", ["-std=c++17"] + options + ["-x", "c++", source])
    }

    @Test("The committed layout is that of the headers, which are an append to those that were released")
    func committed() throws {
        try Tool.run(Checkout.root.appending(path: "dev/abi-layout").path, [])
    }

    private static let nextMinor = ("POSTERN_ABI_MINOR 0u", "POSTERN_ABI_MINOR 1u")

    @Test(
        "What is appended passes, with a higher minor version",
        arguments: [
            (
                "postern_log_interface 24 bytes", "postern_log_interface 32 bytes", "16 write",
                "\n  24 flush 8 bytes: void (*)(void)"
            ),
            (
                "postern_column 24 bytes", "postern_column 32 bytes", "20 reserved",
                "\n  24 more 8 bytes: size_t"
            ),
            ("POSTERN_OK 0", "POSTERN_OK 0", "POSTERN_OK 0", "\n  POSTERN_ZEBRA 7"),
        ])
    func appended(_ old: String, _ new: String, _ line: String, _ more: String) throws {
        let change = { (text: String) -> String in
            self.insert(more, behind: line, in: text.replacing(old, with: new), from: new)
        }
        let (minor, higher) = Self.nextMinor
        #expect(try self.judgement { change($0).replacing(minor, with: higher) } == "")
        let judgement = try self.judgement(change)
        #expect(judgement.contains("appended to version 1.0: raise POSTERN_ABI_MINOR"), "\(judgement)")
    }

    @Test(
        "What is moved, retyped, removed, or appended where nothing can grow is refused by name",
        arguments: [
            ("8 version 4 bytes: uint32_t", "8 version 4 bytes: int32_t", "postern_host"),
            ("  12 reserved 4 bytes: uint32_t\n", "", "postern_host"),
            ("postern_token_answer 40 bytes", "postern_token_answer 48 bytes", "postern_token_answer"),
            ("  8 number 8 bytes: double", "  8 number 8 bytes: float", "postern_value"),
            ("POSTERN_WRONG_PHASE 3", "POSTERN_WRONG_PHASE 6", "POSTERN_WRONG_PHASE"),
            ("POSTERN_END_OF_STREAM 1u", "POSTERN_END_OF_STREAM 2u", "POSTERN_END_OF_STREAM"),
            ("postern_header uint32_t", "postern_header uint64_t", "postern_header"),
            (
                "postern_release void (*)(void *user_plug)", "postern_release int (*)(void *user_plug)",
                "postern_release"
            ),
        ])
    func broken(_ old: String, _ new: String, _ name: String) throws {
        let (minor, higher) = Self.nextMinor
        let change = { (text: String) -> String in
            text.replacing(old, with: new, maxReplacements: 1).replacing(minor, with: higher)
        }
        let judgement = try self.judgement(change)
        #expect(judgement.contains("lint: ABI: \(name) "), "\(judgement)")
        let otherMajor = ("POSTERN_ABI_MAJOR 1u", "POSTERN_ABI_MAJOR 2u")
        #expect(try self.judgement { change($0).replacing(otherMajor.0, with: otherMajor.1) } == "")
    }

    @Test(
        "A field that is appended to a struct without a size is refused",
        arguments: [("postern_bytes", "8 len"), ("postern_field", "36 reserved")])
    func grown(_ name: String, _ last: String) throws {
        let judgement = try self.judgement {
            self.insert("\n  40 more 8 bytes: size_t", behind: last, in: $0, from: "\n\(name) ")
        }
        #expect(judgement.contains("\(name) has no size to grow by"), "\(judgement)")
    }

    /// `text` with `more` behind the first line that has `part`, at or after `start`.
    private func insert(_ more: String, behind part: String, in text: String, from start: String) -> String {
        guard let from = text.range(of: start)?.lowerBound ?? text.range(of: "constants")?.lowerBound,
            let found = text[from...].range(of: part),
            let end = text[found.upperBound...].firstIndex(of: "\n")
        else { return text }
        return text[..<end] + more + text[end...]
    }

    /// What is said about a change of the committed layout.
    private func judgement(_ change: (String) -> String) throws -> String {
        let folder = try TemporaryFolder()
        let layout = Checkout.root.appending(path: "SDK/abi-layout.txt")
        let text = try String(contentsOf: layout, encoding: .utf8)
        let changed = change(text)
        #expect(changed != text)
        let file = try folder.write(changed, to: "new").path
        do {
            return try Tool.run(
                Checkout.root.appending(path: "dev/abi-layout").path, ["--compare", layout.path, file])
        } catch let error as Tool.Failure { return error.description }
    }
}
