import Foundation
internal import GatewayConfig
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite final class ModuleTests {
    private let folder: String

    init() throws {
        self.folder = NSTemporaryDirectory() + "modules-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: self.folder + "/lib", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(self.folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private func load(_ text: String, config: String = "{}") throws -> PolicySet.Policy {
        try self.write("a.lua", text)
        let node = ConfigDocument.read(Array(config.utf8), as: .json).root ?? ConfigNode(.object([]))
        let set = PolicySet.load(
            LuaFilter(path: "\(self.folder)/a.lua", config: node), directory: self.folder)
        return try #require(set.policies.first)
    }

    @Test("A module is loaded once, from the script's folder or one below it, and again when it changes")
    func requires() throws {
        try self.write("lib/count.lua", "local name = ... made = (made or 0) + 1 return { name = name }")
        try self.write("plain.lua", "plain = true")
        try self.write(
            "a.lua",
            """
            local a, b = require("lib.count"), require("lib.count")
            assert(a == b and made == 1 and a.name == "lib.count" and require("plain") == true)
            function on_request() end
            """)
        let first = PolicySet.load(path: "\(self.folder)/a.lua")
        #expect(first.problems.isEmpty)
        #expect(
            Set(first.policies[0].modules) == ["\(self.folder)/lib/count.lua", "\(self.folder)/plain.lua"])
        #expect(first.reloaded().scripts[0] === first.scripts[0])
        try self.write("plain.lua", "plain = 1")
        let second = first.reloaded()
        #expect(second.scripts[0] !== first.scripts[0])
        #expect(second.scripts[0] != first.scripts[0])
        try self.write("plain.lua", "plain = ")
        let third = second.reloaded()
        #expect(third.scripts[0] === second.scripts[0])
        #expect(
            third.problems.map(\.description) == [
                "\(self.folder)/a.lua: plain.lua:1: unexpected symbol near <eof>"
            ])
        #expect(third.policies[0].modules.contains("\(self.folder)/plain.lua"))
    }

    @Test(
        "No name leads out of the folder, and what cannot be loaded says so with its line",
        arguments: [
            ("require('../a')", "a.lua:1: require: a module's name is words of letters"),
            ("require('/etc/passwd')", "require: a module's name is words"),
            ("require('lib..x')", "require: a module's name is words"),
            ("require('lib/x')", "require: a module's name is words"),
            ("require('missing')", "missing.lua: No such file or directory"),
            ("require('broken')", "broken.lua:2: oh"),
            ("require('self')", "self.lua:1: require: module 'self' requires itself"),
        ]
    )
    func refused(text: String, why: String) throws {
        try self.write("broken.lua", "\nerror('oh')")
        try self.write("self.lua", "require('self')")
        let policy = try self.load(text + " function on_request() end")
        #expect(policy.script == nil)
        #expect(policy.problem?.description.contains(why) == true, "\(policy.problem?.description ?? "")")
    }

    @Test("A call can only get what the top level has required")
    func late() throws {
        try self.write("late.lua", "return 1")
        let policy = try self.load("function on_request(h) require('late') end")
        let host = FakeHost()
        let filter = LuaWorkerFilter(
            try LuaBlueprint(try #require(policy.script), host: host), worker: FakeWorker())
        let run = try ScriptedStream("function on_request() end")
        _ = filter.requestHead(run.stream, run.slot, endOfStream: true)
        #expect(
            host.lines.last?.message.hasSuffix("must be required at the script's top level first") == true)
    }

    static let schema = """
        --[[schema
        { "type": "object", "required": ["limit"], "additionalProperties": false,
          "properties": { "limit": { "type": "integer", "minimum": 1 },
                          "key": { "type": "string", "writeOnly": true } } }
        ]]
        assert(postern.config.limit)
        function on_request() end
        """

    @Test("A script's configuration is checked by the schema that it declares, before the script runs")
    func checks() throws {
        #expect(try self.load(Self.schema, config: #"{"limit":1}"#).script?.config == #"{"limit":1}"#)
        let bad = try self.load(Self.schema, config: #"{"limit":0,"limits":2}"#)
        #expect(bad.script == nil)
        #expect(
            Set(bad.configProblems.map(\.message)) == [
                "must be at least 1, got 0", "unknown key; did you mean `limit`?",
            ])
        let missing = try self.load(Self.schema)
        #expect(missing.configProblems.map(\.message) == ["`limit` is missing"])
    }

    @Test("Secrets of the configuration come from files")
    func secrets() throws {
        try self.write("key", "sesame\n")
        let policy = try self.load(Self.schema, config: #"{"limit":1,"key":{"file":"key"}}"#)
        #expect(policy.script?.config == #"{"limit":1,"key":"sesame"}"#)
    }

    @Test("A schema that is none names its line")
    func badSchema() throws {
        let policy = try self.load(
            "\n--[==[schema\n{ \"type\": \"objekt\" }\n]==]\nfunction on_request() end")
        #expect(policy.problem?.line == 3)
        #expect(policy.problem?.message.hasPrefix("the schema: ") == true)
        #expect(try self.load("--[[schema\n{}").problem?.message == "the comment with the schema has no end")
    }
}
