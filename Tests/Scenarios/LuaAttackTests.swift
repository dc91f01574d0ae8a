import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// Scripts that never want to end, in the worker that serves everybody else.
    @Suite(.scenario(Attacks.configuration, files: Attacks.files)) struct LuaAttackTests {
        @Test("A script that loops or allocates without end fails its own requests only")
        func attacks() throws {
            let scenario = try Scenario.current
            let address = try #require(scenario.proxy.listeners["public"])
            let innocent = try LoadGenerator(address, depths: [1, 1], target: "/innocent") { _, response in
                response["x-innocent"] == "yes" ? nil : "without its script: \(response.fields)"
            }
            #expect(eventually { innocent.answered > 100 })
            for (name, _) in Attacks.scripts {
                for _ in 1...3 {
                    let response = try scenario.ask("/\(name)")
                    #expect(response.status == 500, "\(name)")
                }
                let answered = innocent.answered
                #expect(eventually { innocent.answered > answered + 20 }, "\(name): the worker stands still")
                let entries = scenario.proxy.accessLog("/\(name)", count: 3)
                #expect(
                    entries.allSatisfy {
                        ["lua_budget", "lua_error"].contains($0.response_code_details)
                            && $0.response_code == 500
                    }, "\(name)")
                let series = "postern_filter_errors_total{filter=\"\(name)\",phase=\"request_head\"}"
                #expect(try scenario.proxy.metric(series) == 3, "\(name)")
            }
            let result = innocent.stop()
            #expect(result.failures == [])
            print("innocent requests: \(result.answered), 99 of 100 within \(result.waitP99) ms")
            #expect(scenario.proxy.isRunning)
        }
    }
}

private enum Attacks {
    /// By the names of their files.
    static let scripts: KeyValuePairs = [
        "loop": "while true do end",
        "allocation": "local t = {} while true do t[#t + 1] = {} end",
        "text": "local s = 'x' while true do s = s .. s end",
        "pcall": "while true do pcall(function() while true do end end) end",
        "pcall-memory":
            "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
        "xpcall": "while true do xpcall(error, function() while true do end end) end",
        "gc": "setmetatable({}, { __gc = function() while true do end end }) while true do local t = {} end",
        "coroutine": "while true do pcall(coroutine.wrap(function() while true do end end)) end",
        "string-rep": "while true do local s = string.rep('x', 1 << 40) end",
        "string-rep-pcall": "while true do pcall(string.rep, 'x', 1 << 30) end",
        "pattern": "string.rep('a', 30):match(string.rep('a?', 30) .. string.rep('a', 30) .. 'b')",
        "table-move": "while true do table.move({}, 1, 1 << 60, 2) end",
        "table-insert":
            """
        local huge = setmetatable({}, { __len = function() return 1 << 60 end })
        while true do table.insert(huge, 1, 1) end
        """,
        "close":
            """
        local guard <close> = setmetatable({}, { __close = function() while true do end end })
        while true do end
        """,
    ]

    static var files: [String: String] {
        var files = [
            "innocent.lua": """
            function on_response(handle)
              local names = {}
              for name in pairs(handle:headers()) do names[#names + 1] = name end
              handle:headers():replace("x-innocent", #names > 0 and "yes" or "no")
            end
            """
        ]
        for (name, body) in self.scripts {
            files["\(name).lua"] = "function on_request(handle)\n  \(body)\nend"
        }
        return files
    }

    static var configuration: String {
        let rules = self.scripts.map { name, _ in
            """
                  - match: { path: { exact: /\(name) } }
                    filters: [{ lua: "{folder}/\(name).lua" }]
                    service: backend

            """
        }
        return """
            listeners: [{ name: public, address: "127.0.0.1:0", filters: [{ lua: "{folder}/innocent.lua" }] }]
            services: [{ name: backend, endpoints: [{backend}] }]
            routes:
              - name: all
                rules:
            \(rules.joined())      - { service: backend }
            """
    }
}
