import Foundation
import Testing

@testable internal import LuaHost

/// `postern policy test` without the command.
@Suite final class PolicyTestRunTests {
    private let folder: String

    init() throws {
        self.folder = NSTemporaryDirectory() + "tests-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: self.folder + "/below", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func run(_ script: String, _ tests: String) throws -> PolicyTestReport {
        try script.write(toFile: self.folder + "/a.lua", atomically: true, encoding: .utf8)
        try tests.write(toFile: self.folder + "/a_test.lua", atomically: true, encoding: .utf8)
        return PolicyTests.run(self.folder + "/a_test.lua")
    }

    private func problems(_ script: String, _ tests: String) throws -> [String] {
        let report = try self.run(script, tests)
        return report.outcomes.compactMap(\.problem) + [report.problem?.description].compactMap { $0 }
    }

    @Test("A request passes the script, and every part of what came of it can be looked at")
    func looks() throws {
        let problems = try self.problems(
            """
            function on_request(handle)
              local answer, said = handle:httpCall("auth",
                { [":method"] = "GET", [":path"] = "/x", [":authority"] = "a" }, "", 1000)
              handle:headers():add("x-auth", answer[":status"] .. answer.who .. said)
              local body = handle:body()
              body:setBytes(body:getBytes(0, body:length()):upper())
              handle:logInfo("asked")
              handle:setUpstreamOverrideHost("10.0.0.1:80")
            end
            function on_response(handle)
              for chunk in handle:bodyChunks() do
                chunk:setBytes("<" .. chunk:getBytes(0, chunk:length()) .. ">")
              end
              handle:trailers():add("x-t", "1")
            end
            """,
            """
            test("all of it", function()
              local r = request { method = "POST", chunks = { "ab", "cd" },
                services = { auth = { status = 201, headers = { Who = "me" }, body = "ok" } },
                response = { status = 203, headers = { a = { "1", "2" } }, chunks = { "x", "yz" },
                  trailers = { t = "0" } } }
              expect.equal(r.request.method, "POST")
              expect.equal(r.request.body, "ABCD")
              expect.equal(r.request.headers["x-auth"], "201meok")
              expect.equal(r.status, 203)
              expect.equal(r.headers.a, "1,2")
              expect.equal(r.body, "<x><yz>")
              expect.equal(r.trailers, { t = "0", ["x-t"] = "1" })
              expect.equal(r.callouts[1].path, "/x")
              expect.equal(r.endpoint, "10.0.0.1:80")
              expect.logged(r, "asked")
            end)
            """)
        #expect(problems.isEmpty)
    }

    @Test("A failing assertion names the line of the test, and the others go on")
    func failures() throws {
        let report = try self.run(
            "function on_request(handle) if handle:headers():get('x') then error('oh') end end",
            """
            test("a", function()
              expect.equal(request { headers = { x = "1" } }.status, 200)
            end)
            test("b", function() expect.contains(request { headers = { x = "1" } }.error, "a.lua:1: oh") end)
            test("c", function() error({}) end)
            nothing()
            """)
        #expect(report.outcomes.map(\.name) == ["a", "b", "c"])
        #expect(report.outcomes[0].problem == "a_test.lua:2: expected 200, got 500")
        #expect(report.outcomes[1].problem == nil)
        #expect(report.outcomes[2].problem != nil)
        #expect(report.problem?.line == 6)
        #expect(report.failures == 3)
    }

    @Test("Time stands still but for what a test says, and each test begins with an empty store")
    func time() throws {
        let script = """
            function on_request(handle)
              local n = postern.store.incr("n", 1, 60)
              handle:respond({ [":status"] = "200" }, n .. " " .. postern.time.iso())
            end
            """
        let problems = try self.problems(
            script,
            """
            for round = 1, 2 do
              test("round " .. round, function()
                expect.equal(request {}.body, "1 2025-01-01T00:00:01Z")
                expect.equal(request {}.body, "2 2025-01-01T00:00:02Z")
                advance(60)
                expect.equal(request {}.body, "1 2025-01-01T00:01:03Z")
              end)
            end
            """)
        #expect(problems.isEmpty)
    }

    @Test("A service that answers late, or not, is what the script sees; one that nobody named is unknown")
    func services() throws {
        let script = """
            function on_request(handle)
              local fields = { [":method"] = "GET", [":path"] = "/", [":authority"] = "a" }
              local h = handle:httpCall("auth", fields, "", 100)
              handle:respond({ [":status"] = "200" }, h[":status"])
            end
            """
        let problems = try self.problems(
            script,
            """
            local function ask(answer) return request { services = { auth = answer } }.body end
            test("late", function() expect.equal(ask { delay_ms = 100 }, "504") end)
            test("down", function() expect.equal(ask { failure = "reset" }, "503") end)
            test("unknown", function() expect.contains(request {}.error, "no service") end)
            test("in turn", function()
              local two = { auth = { { status = 401 }, { status = 402 } } }
              local site = policy {}
              expect.equal(site:request { services = two }.body, "401")
            end)
            """)
        #expect(problems.isEmpty)
    }

    @Test("Lines that never ran are named, also those of functions that nobody called and of modules")
    func coverage() throws {
        try "local M = {}\nfunction M.used() return 1 end\nfunction M.unused()\n  return 2\nend\nreturn M\n"
            .write(
                toFile: self.folder + "/below/m.lua", atomically: true, encoding: .utf8)
        let report = try self.run(
            """
            local m = require("below.m")
            function on_request(handle)
              if handle:headers():get("x") then
                handle:logInfo("never")
              else
                m.used()
              end
            end
            -- a comment
            local function forgotten()
              return 1
            end
            """, "test('a', function() request {} end)")
        #expect(report.failures == 0)
        #expect(report.coverage.map(\.file) == ["a.lua", "below/m.lua"])
        #expect(report.coverage[0].missed == [4, 11])
        #expect(report.coverage[1].missed == [4])
        #expect(report.coverage[0].lines == 8)
    }

    @Test("Tests are found in all folders below, and are no policies themselves")
    func files() throws {
        for name in ["b_test.lua", "a.lua", "below/c_test.lua", ".hidden_test.lua"] {
            try "function on_request() end".write(
                toFile: "\(self.folder)/\(name)", atomically: true, encoding: .utf8)
        }
        #expect(
            try PolicyTests.files(at: self.folder) == [
                "\(self.folder)/b_test.lua", "\(self.folder)/below/c_test.lua",
            ])
        #expect(PolicySet.load(path: self.folder).policies.map(\.path) == ["\(self.folder)/a.lua"])
        #expect(throws: LuaError.self) { try LuaFolder.all(below: self.folder + "/none") }
    }
}
