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

    @Test("The committed layout is that of the headers, and no change of it breaks the ABI unannounced")
    func committed() throws {
        try Tool.run(Checkout.root.appending(path: "dev/abi-layout").path, [])
    }

    @Test(
        "What is appended passes",
        arguments: [
            (
                "postern_log_interface 24 bytes", "postern_log_interface 32 bytes", "write",
                "\n  24 flush 8 bytes: void (*)(void)"
            ),
            ("POSTERN_OK 0", "POSTERN_OK 0", "POSTERN_OK 0", "\n  POSTERN_ZEBRA 7"),
            ("POSTERN_ABI_MINOR 1u", "POSTERN_ABI_MINOR 2u", "", ""),
        ])
    func appended(_ old: String, _ new: String, _ line: String, _ more: String) throws {
        #expect(
            try self.judgement { self.insert(more, behind: line, in: $0.replacing(old, with: new)) } == "")
    }

    @Test(
        "What is moved, retyped, removed, or appended where nothing can grow is refused by name",
        arguments: [
            ("8 version 4 bytes: uint32_t", "8 version 4 bytes: int32_t", "postern_host"),
            ("  12 reserved 4 bytes: uint32_t\n", "", "postern_host"),
            ("postern_token_answer 32 bytes", "postern_token_answer 40 bytes", "postern_token_answer"),
            ("POSTERN_WRONG_PHASE 3", "POSTERN_WRONG_PHASE 6", "POSTERN_WRONG_PHASE"),
            ("postern_header uint32_t", "postern_header uint64_t", "postern_header"),
            (
                "postern_release void (*)(void *user_plug)", "postern_release int (*)(void *user_plug)",
                "postern_release"
            ),
        ])
    func broken(_ old: String, _ new: String, _ name: String) throws {
        let judgement = try self.judgement { $0.replacing(old, with: new, maxReplacements: 1) }
        #expect(judgement.contains("lint: ABI: \(name) "), "\(judgement)")
        #expect(judgement.contains("announce `\(name)` under '### ABI'"), "\(judgement)")
        #expect(
            try self.judgement(announcing: "* `\(name)` is another now.\n") {
                $0.replacing(old, with: new, maxReplacements: 1)
            } == "")
    }

    @Test("A field that is appended to a struct without a size is refused")
    func grown() throws {
        let judgement = try self.judgement {
            self.insert("\n  16 more 8 bytes: size_t", behind: "8 len", in: $0)
        }
        #expect(judgement.contains("postern_bytes has no size to grow by"), "\(judgement)")
    }

    /// `text` with `more` behind the first line that has `part`.
    private func insert(_ more: String, behind part: String, in text: String) -> String {
        guard !part.isEmpty, let found = text.range(of: part),
            let end = text[found.upperBound...].firstIndex(of: "\n")
        else { return text }
        return text[..<end] + more + text[end...]
    }

    /// What is said about a change of the committed layout.
    private func judgement(announcing: String = "", _ change: (String) -> String) throws -> String {
        let folder = try TemporaryFolder()
        let layout = Checkout.root.appending(path: "SDK/abi-layout.txt")
        let text = try String(contentsOf: layout, encoding: .utf8)
        let changed = change(text)
        #expect(changed != text)
        let file = try folder.write(changed, to: "new").path
        let log = try folder.write(
            "# Changelog\n\n## Unreleased\n\n### ABI\n\n\(announcing)\n## 0.1\n", to: "log"
        ).path
        do {
            return try Tool.run(
                Checkout.root.appending(path: "dev/abi-layout").path, ["--compare", layout.path, file, log])
        } catch let error as Tool.Failure { return error.description }
    }
}
