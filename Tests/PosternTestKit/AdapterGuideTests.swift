import Foundation
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

/// The adapters of docs/extending/writing-an-adapter.md: they are what the page shows, and do what it says.
@Suite struct AdapterGuideTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Binaries.checkout.appending(path: path), encoding: .utf8)
    }

    @Test(
        "The page shows the adapters as they are built",
        arguments: [
            "Tests/PosternTestKit/Guide/Tiers.swift",
            "examples/adapter-sqlite/Sources/SQLiteAdapter/SQLiteAdapter.swift",
        ])
    func page(_ path: String) throws {
        let page = try Self.text("docs/extending/writing-an-adapter.md")
        let source = try Self.text(path)
        #expect(page.contains("```swift\n\(source)```"), "the page does not show \(path) as it is")
    }

    @Test("The adapter in C compiles without a warning")
    func c() throws {
        let page = try Self.text("docs/extending/writing-an-adapter.md")
        let source = try #require(page.firstMatch(of: /```c\n((?:.*\n)*?)```/)?.1)
        let folder = try TemporaryFolder()
        let file = try folder.write(String(source), to: "maintenance.c")
        let headers = Binaries.checkout.appending(path: "SDK/Sources/CPosternABI/include").path
        try Tool.run(
            "cc",
            [
                "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-fsyntax-only",
                "-I\(headers)", file.path,
            ])
    }

    private let config =
        #"{ "customers": { "jason": "gold", "bob": "free" }, "perMinute": { "gold": 600, "free": 2 } }"#

    @Test("Tiers knows its customers, counts what they use, and names their tier")
    func tiers() throws {
        let host = TestHost()
        let handler = try host.configure(Tiers.self, self.config)
        func known(_ value: TestValue) -> TestRecord {
            TestRecord(TestShape(.listEntry, columns: ["value"]), [value])
        }
        #expect(try handler.check(known(.string("bob"))).code == 0)
        #expect(try handler.check(known(.absent)).message == "who are you?\n")
        #expect(host.metric("tiers_unknown_total") == 1)
        func amount(_ customer: String) -> TestRecord {
            TestRecord(TestShape(.quota, columns: ["customer"]), [.string(customer)])
        }
        let grants = try (0..<3).map { _ in try handler.quota(amount("bob")).amount }
        #expect(grants == [1, 1, 0])
        #expect(try handler.quota(amount("jason"), amount: 1000, bestEffort: true).amount == 600)
        let tier = TestRecord(TestShape(.attributes, columns: ["customer"]), [.string("jason")])
        #expect(try handler.generate(tier) == ["tier": .string("gold")])
    }

    @Test("Tiers conforms")
    func conforms() {
        let suite = AdapterSuite(
            Tiers.self, self.config,
            refused: [#"{ "customers": { "jason": "gold" }, "perMinute": {} }"#: "/perMinute"])
        #expect(suite.run() == [])
    }
}
