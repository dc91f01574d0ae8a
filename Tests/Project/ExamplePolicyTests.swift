import Foundation
import TestSupport
import Testing

/// The policies in `examples/policies`: their tests pass, and their pages show what really comes out.
@Suite struct ExamplePolicyTests {
    static let folder = Checkout.root.appending(path: "examples/policies")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.folder.path).filter {
            FileManager.default.fileExists(atPath: self.folder.appending(path: "\($0)/README.md").path)
        }.sorted()
    }

    private static func test(_ arguments: [String]) throws -> String {
        let command = try Command(Binaries.program("postern"), ["policy", "test"] + arguments)
        #expect(command.ending == .exited(0), "\(command.output)")
        return command.output.replacing("\(Checkout.root.path)/", with: "")
    }

    @Test("The page shows what the tests of the policy print", arguments: try names())
    func transcript(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let page = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let command = "    $ postern policy test examples/policies/\(name)\n"
        let shown = try #require(page.firstRange(of: command).map { page[$0.upperBound...] })
        let output = try Self.test([folder.path])
        #expect(shown.replacing(#/(?m)^ {4}/#, with: "") == output)
        #expect(output.contains("100 %"), "a line of an example is not tested: \(output)")
    }

    @Test("The configuration of the page is accepted with the policy", arguments: try names())
    func configuration(name: String) throws {
        let page = try String(
            contentsOf: Self.folder.appending(path: "\(name)/README.md"), encoding: .utf8)
        let filters = try #require(page.firstMatch(of: /```yaml\n((?:.*\n)*?)```/)).1
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.file("policies"), withIntermediateDirectories: true)
        _ = try folder.write(
            String(contentsOf: Self.folder.appending(path: "\(name)/\(name).lua"), encoding: .utf8),
            to: "policies/\(name).lua")
        let file = try folder.write(
            """
            version: 1
            listeners:
              - name: public
                address: 127.0.0.1:8080
                \(filters.replacing("\n", with: "\n    "))
            routes:
              - { name: all, rules: [{ directResponse: {} }] }

            """, to: "postern.yaml")
        try Tool.run(
            Binaries.program("postern"), ["check", "-c", file.path],
            environment: ["PATH": "/usr/bin:/bin", "ALICE_KEY": "another secret"])
    }

    @Test("The overview names every policy and the number of tests")
    func overview() throws {
        let page = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
        for name in try Self.names() { #expect(page.contains("(\(name)/README.md)")) }
        let output = try Self.test([Self.folder.path, "--quiet"])
        #expect(
            page.contains("    $ postern policy test examples/policies --quiet\n    \(output)"), "\(output)")
    }
}
