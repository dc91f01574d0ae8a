internal import GatewayConfig
internal import Primitives
import Testing

@testable internal import LuaHost

@Suite struct LuaScriptTests {
    private func problem(_ source: String, budget: LuaBudget = LuaBudget()) -> String? {
        do throws(LuaError) {
            _ = try LuaScript(source: Array(source.utf8), path: "policies/a.lua", budget: budget)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "A script that cannot work is refused with file and line",
        arguments: [
            ("", "policies/a.lua: the script is empty"),
            (" \n\t\r\n", "policies/a.lua: the script is empty"),
            (
                "x = 1",
                "policies/a.lua: no entry point: define on_request, on_response or on_complete "
                    + "(envoy_on_request and envoy_on_response will do)"
            ),
            (
                "on_request = 1\n",
                "policies/a.lua: no entry point: define on_request, on_response or on_complete "
                    + "(envoy_on_request and envoy_on_response will do)"
            ),
            ("function on_request(h)\n  if then\nend", "policies/a.lua:2: unexpected symbol near 'then'"),
            ("\n\nerror('no luck')", "policies/a.lua:3: no luck"),
            ("error({})", "policies/a.lua: the error is a table, not a text"),
            ("\u{1B}Lua", "policies/a.lua: attempt to load a binary chunk (mode is 't')"),
            ("while true do end", "policies/a.lua:1: the budget of 100000 instructions is used up"),
            (
                "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
                "policies/a.lua:1: "
            ),
            ("io.write('x')", "policies/a.lua:1: attempt to index a nil value (global 'io')"),
            (
                "require('x')",
                "policies/a.lua:1: require: module 'x': policies/x.lua: No such file or directory"
            ),
            ("os.execute('x')", "policies/a.lua:1: attempt to call a nil value (field 'execute')"),
        ]
    )
    func refuses(source: String, why: String) {
        #expect(self.problem(source)?.hasPrefix(why) == true, "\(self.problem(source) ?? "accepted")")
    }

    @Test("Memory and time hold at the top level too")
    func topLevelBudget() {
        let hog = "local s = 'x' while true do s = s .. s end"
        let patient = LuaBudget(time: .seconds(60))
        #expect(
            self.problem(hog, budget: patient)?.hasSuffix("the budget of 8388608 bytes of memory is used up")
                == true)
        let slow = LuaBudget(instructions: 1_000_000_000)
        #expect(
            self.problem("while true do end", budget: slow)
                == "policies/a.lua:1: the budget of 5000 us CPU time is used up")
    }

    @Test("What leads out of the machine is absent")
    func absent() throws {
        let names = [
            "io", "debug", "package", "dofile", "loadfile", "warn", "os.execute", "os.getenv",
            "os.exit",
            "os.remove", "os.rename", "os.tmpname", "os.setlocale", "string.dump",
        ]
        let checks = names.map { "assert(\($0) == nil, '\($0)')" }.joined(separator: "\n")
        #expect(self.problem(checks + "\nfunction on_request() end") == nil)
    }

    @Test(
        "What is refused says so",
        arguments: [
            ("setmetatable({}, { __gc = print })", "`__gc` is not available: no budget would hold in it"),
            ("collectgarbage('collect')", "collectgarbage: only \"count\" is available, got \"collect\""),
            ("load('x', 'x', 'b')", "load: mode must be \"t\" (text), got \"b\""),
            ("load(print)", "bad argument #1 to 'load' (string expected, got function)"),
            ("assert(load('\\27Lua'))", "attempt to load a binary chunk (mode is 't')"),
            (
                "coroutine.resume(coroutine.running())",
                "bad argument #1 to 'resume' (coroutine expected, got thread)"
            ),
        ]
    )
    func refusedFunctions(statement: String, why: String) throws {
        #expect(self.problem(statement)?.hasSuffix(why) == true, "\(self.problem(statement) ?? "accepted")")
    }

    @Test("Entry points are found under either name, the plain one first")
    func entryPoints() throws {
        let both = try LuaScript(
            source: Array(
                "function envoy_on_request() end function on_response() end on_complete = print".utf8),
            path: "a.lua"
        )
        #expect(both.entryPoints == [.request, .response, .complete])
        let run = try ScriptedStream(
            """
            function on_request(h) h:logInfo('plain') end
            function envoy_on_request(h) h:logInfo('envoy') end
            """
        )
        run.request()
        #expect(run.lines == ["plain"])
    }

    @Test("Scripts are equal when path and contents are")
    func equality() throws {
        let source = Array("function on_request() end".utf8)
        let a = try LuaScript(source: source, path: "a.lua")
        #expect(try a == LuaScript(source: source, path: "a.lua"))
        #expect(try a != LuaScript(source: source, path: "b.lua"))
        #expect(try a != LuaScript(source: source + [0x20], path: "a.lua"))
        #expect(a.name == "a")
    }
}
