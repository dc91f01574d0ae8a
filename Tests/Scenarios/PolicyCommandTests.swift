import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `postern policy`, as authors of scripts call it.
    @Suite struct PolicyCommandTests {
        private func postern(_ arguments: String...) throws -> Command {
            try Command(Binaries.program("postern"), arguments)
        }

        @Test("policy new writes a script whose own test passes; policy check and test tell what is wrong")
        func policies() throws {
            let folder = try TemporaryFolder()
            let made = try self.postern("policy", "new", "greet", "--directory", folder.url.path)
            #expect(made.ending == .exited(0), "\(made.output)")
            let again = try self.postern("policy", "new", "greet", "--directory", folder.url.path)
            #expect(again.ending == .exited(2), "\(again.output)")
            let passed = try self.postern("policy", "test", folder.url.path)
            #expect(passed.ending == .exited(0), "\(passed.output)")
            #expect(passed.output.hasSuffix("  lines   greet.lua: 100 % of 11\n3 tests, all passed\n"))
            let checked = try self.postern("policy", "check", folder.url.path)
            #expect(checked.ending == .exited(0))
            #expect(checked.output == "1 script is well\n")

            _ = try folder.write("test('x', function() expect.equal(1, 2) end)", to: "greet_test.lua")
            let failed = try self.postern("policy", "test", folder.url.path, "--quiet")
            #expect(failed.ending == .exited(1))
            #expect(failed.output.contains("failed  x\n          greet_test.lua:1: expected 2, got 1\n"))
            _ = try folder.write("function on_request(", to: "broken.lua")
            let broken = try self.postern("policy", "check", folder.url.path)
            #expect(broken.ending == .exited(1))
            #expect(broken.output.contains("/broken.lua:1: <name> or '...' expected near <eof>\n"))
            #expect(try self.postern("policy", "test", folder.file("none").path).ending == .exited(1))
            let empty = try TemporaryFolder()
            #expect(try self.postern("policy", "test", empty.url.path).ending == .exited(2))
        }
    }
}
