import Foundation
internal import GatewayConfig
import Testing

@testable internal import LuaHost

@Suite final class PolicySetTests {
    private let folder: String

    init() throws {
        self.folder = NSTemporaryDirectory() + "policies-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(self.folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private let good = "function on_request() end"

    @Test("A folder gives its scripts by name and leaves other files alone")
    func order() throws {
        for name in ["20-b.lua", "10-a.lua", ".hidden.lua", "notes.txt", "10-a.lua~"] {
            try self.write(name, self.good)
        }
        let set = PolicySet.load(path: self.folder)
        #expect(set.scripts.map(\.name) == ["10-a", "20-b"])
        #expect(set.problems.isEmpty)
    }

    @Test("A file that becomes bad keeps its last good version and is reported until it is mended")
    func lastGood() throws {
        try self.write("a.lua", self.good)
        try self.write("b.lua", self.good)
        let first = PolicySet.load(path: self.folder)
        try self.write("a.lua", "function on_request(")
        try self.write("c.lua", "")
        let second = first.reloaded()
        #expect(second.scripts.map(\.name) == ["a", "b"])
        #expect(second.scripts[0] === first.scripts[0])
        #expect(second.scripts[1] === first.scripts[1])
        #expect(
            second.problems.map(\.description) == [
                "\(self.folder)/a.lua:1: <name> or '...' expected near <eof>",
                "\(self.folder)/c.lua: the script is empty",
            ]
        )
        try self.write("a.lua", self.good + " -- mended")
        try FileManager.default.removeItem(atPath: "\(self.folder)/b.lua")
        try FileManager.default.removeItem(atPath: "\(self.folder)/c.lua")
        let third = second.reloaded()
        #expect(third.scripts.map(\.name) == ["a"])
        #expect(third.scripts[0] !== first.scripts[0])
        #expect(third.problems.isEmpty)
    }

    @Test("A single file is a set of one")
    func file() throws {
        try self.write("a.lua", self.good)
        #expect(PolicySet.load(path: "\(self.folder)/a.lua").scripts.map(\.name) == ["a"])
        let missing = PolicySet.load(path: "\(self.folder)/b.lua")
        #expect(missing.scripts.isEmpty)
        #expect(missing.problems.map(\.description) == ["\(self.folder)/b.lua: No such file or directory"])
    }
}
