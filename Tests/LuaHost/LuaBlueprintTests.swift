internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct LuaBlueprintTests {
    @Test("onFailure allow lets the request go on as if the script were not there, and counts the error")
    func allows() throws {
        let run = try ScriptedStream(
            "function on_request(h) local x = nil + 1 end function on_response(h) h:logInfo('response') end",
            onFailure: .allow
        )
        #expect(run.request() == .continue)
        #expect(run.stream.errors == [3])
        #expect(run.stream.responses.isEmpty)
        #expect(run.lines == ["test.lua:1: attempt to perform arithmetic on a nil value"])
        #expect(run.response() == .continue)
        #expect(run.lines.count == 1)
    }

    @Test("onFailure deny answers 500, says why in the details and counts the error")
    func denies() throws {
        let run = try ScriptedStream(
            "function on_request(h) error('no') end function on_response(h) error('no') end")
        #expect(run.request() == .responded)
        #expect(run.stream.responses.map(\.status) == [500])
        #expect(run.stream.responses.map(\.details) == ["lua_error"])
        #expect(run.stream.errors == [3])
        run.reset()
        #expect(run.response() == .failed)
        run.reset()
        run.stream.acceptsResponse = false
        #expect(run.request() == .failed)
        #expect(run.stream.errors == [3])
    }

    @Test("A script that failed runs no more hooks of that exchange")
    func staysOff() throws {
        let run = try ScriptedStream(
            "function on_request(h) error() end function on_complete(h) h:logInfo('complete') end")
        run.request()
        run.filter.complete(run.stream, run.slot)
        #expect(run.lines == ["test.lua:1: the error is a nil, not a text"])
    }

    @Test("Failures are reported once a second, with the number left out")
    func thinsReports() throws {
        let run = try ScriptedStream("function on_request(h) error('no') end")
        for _ in 1...5 {
            run.request()
            run.reset()
        }
        run.stream.fakeWorker.time = run.stream.fakeWorker.time.advanced(by: .seconds(1))
        run.request()
        #expect(run.lines == ["test.lua:1: no", "test.lua:1: no (4 more failures since the last report)"])
    }

    @Test("A script takes part in the phases it needs and no others")
    func phases() throws {
        func phases(_ source: String) throws -> FilterPhases { try ScriptedStream(source).filter.phases }
        #expect(try phases("function on_request(h) h:headers() end") == FilterPhases(.requestHead))
        #expect(try phases("function on_response(h) h:headers() end") == FilterPhases(.responseHead))
        #expect(try phases("function on_complete(h) h:headers() end") == FilterPhases(.complete))
        #expect(
            try phases("function on_request(h) h:body() end")
                == [FilterPhases(.requestHead), FilterPhases(.requestBody), FilterPhases(.requestTrailers)]
        )
        #expect(
            try phases("function on_response(h) h:trailers() end")
                == [
                    FilterPhases(.responseHead), FilterPhases(.responseBody), FilterPhases(.responseTrailers),
                ]
        )
    }

    @Test("Globals live from request to request in one worker")
    func globals() throws {
        let run = try ScriptedStream("n = 0 function on_request(h) n = n + 1 h:logInfo(n) end")
        for _ in 1...3 { run.request() }
        #expect(run.lines == ["1", "2", "3"])
    }

    @Test("A machine full of what a script leaked is replaced; calls that wait in it finish there")
    func replacesMachine() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              generation = generation or handle:headers():get("x-name")
              if handle:headers():get("x-leak") then
                leak = leak or {}
                for i = 1, 7 do leak[#leak + 1] = string.rep("x", 1000000) .. i end
              end
              local body = handle:body()
              if not body then return end
              handle:logInfo(generation .. body:getBytes(0, 1))
            end
            """, budget: LuaBudget(instructions: 10_000_000, time: .seconds(1))
        )
        run.stream.setRequest([("x-name", "old")])
        #expect(run.request(endOfStream: false) == .buffer)
        let old = try #require(run.filter.machine)

        let memory = UnsafeMutableRawPointer.allocate(byteCount: LuaStreamState.size, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: LuaStreamState.size)
        let other = FilterSlot(index: 0, state: memory)
        run.stream.setRequest([("x-name", "leaking"), ("x-leak", "1")])
        #expect(run.filter.requestHead(run.stream, other, endOfStream: true) == .continue)
        run.filter.close(run.stream, other)
        #expect(run.filter.machine !== old)
        #expect(run.filter.retired.count == 1)

        #expect(run.requestBody("1", endOfStream: true) == .continue)
        run.reset()
        run.stream.setRequest([("x-name", "new")])
        #expect(run.request(endOfStream: false) == .buffer)
        #expect(run.requestBody("2", endOfStream: true) == .continue)
        #expect(run.lines.filter { $0.hasPrefix("old") || $0.hasPrefix("new") } == ["old1", "new2"])
        #expect(run.lines.contains("the script's memory was full after a call: its globals begin anew"))
        #expect(run.filter.retired.isEmpty)
    }

    @Test("A hundred innocent calls after a leaking one succeed")
    func innocentsAfterLeak() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              if handle:headers():get("x-leak") then
                leak = {}
                while true do leak[#leak + 1] = string.rep("x", 100000) .. #leak end
              end
            end
            """, budget: LuaBudget(instructions: 10_000_000, time: .seconds(1))
        )
        run.stream.setRequest([("x-leak", "1")])
        #expect(run.request() == .responded)
        #expect(run.lines[0].hasSuffix("bytes of memory is used up"))
        run.reset()
        run.stream.setRequest()
        for _ in 1...100 { #expect(run.request() == .continue) }
    }

    @Test("A blueprint is up to date while script, budget and policy stay the same")
    func upToDate() throws {
        let script = try LuaScript(source: Array("function on_request() end".utf8), path: "a.lua")
        let blueprint = try LuaBlueprint(script, name: "shop", host: FakeHost())
        #expect(blueprint.name == "shop")
        #expect(blueprint.isUpToDate(script: script, budget: LuaBudget(), onFailure: .deny))
        #expect(
            !blueprint.isUpToDate(script: script, budget: LuaBudget(memory: .mebibytes(9)), onFailure: .deny))
        #expect(!blueprint.isUpToDate(script: script, budget: LuaBudget(), onFailure: .allow))
        #expect(throws: LuaError.self) {
            let big = try LuaScript(
                source: Array("x = {} for i = 1, 9e4 do x[i] = i end function on_request() end".utf8),
                path: "b.lua", budget: LuaBudget(instructions: 10_000_000))
            _ = try LuaBlueprint(big, budget: LuaBudget(memory: .kibibytes(256)), host: FakeHost())
        }
    }
}
