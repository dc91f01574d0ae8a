internal import Filtering
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct BodyTests {
    @Test("body waits for the whole body, and the head can still be changed then")
    func wholeBody() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local body = handle:body()
              handle:logInfo(body:length() .. body:getBytes(1, 3))
              body:setBytes(body:getBytes(0, body:length()):upper() .. "!")
              handle:logInfo(body:length() .. body:getBytes(0, 6))
              handle:headers():add("x-length", body:length())
            end
            """
        )
        #expect(run.request(endOfStream: false) == .buffer)
        #expect(run.requestBody("hello", endOfStream: true) == .continue)
        #expect(run.lines == ["5ell", "6HELLO!"])
        #expect(run.replacedBodies == ["HELLO!"])
        #expect(run.stream.request.pairs == [["x-length", "6"]])
    }

    @Test("A request without a body has none, unless the script wants to make one")
    func noBody() throws {
        let plain = try ScriptedStream("function on_request(h) h:logInfo(tostring(h:body())) end")
        #expect(plain.request(endOfStream: true) == .continue)
        #expect(plain.lines == ["nil"])
        #expect(plain.request(endOfStream: false) == .buffer)
        #expect(plain.requestBody("", endOfStream: true) == .continue)
        #expect(plain.lines == ["nil", "nil"])

        let wrapped = try ScriptedStream(
            "function on_request(h) h:logInfo(h:body(true):setBytes('made')) end")
        #expect(wrapped.request(endOfStream: true) == .buffer)
        #expect(wrapped.requestBody("", endOfStream: true) == .continue)
        #expect(wrapped.replacedBodies == ["made"])
        #expect(wrapped.lines == ["4"])
    }

    @Test("A script can answer after it has seen the body")
    func respondsAfterBody() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              if pcall(function() return handle:body():length() > 3 end) then
                handle:respond({ [":status"] = "413" }, "too long")
              end
            end
            """
        )
        #expect(run.request(endOfStream: false) == .buffer)
        #expect(run.requestBody("long", endOfStream: true) == .responded)
        #expect(run.stream.responses.map(\.status) == [413])
    }

    @Test("bodyChunks shows each piece as it comes and ends with the body")
    func chunks() throws {
        let run = try ScriptedStream(
            """
            function on_response(handle)
              local sum = 0
              for chunk in handle:bodyChunks() do
                sum = sum + chunk:length()
                handle:logInfo(chunk:getBytes(0, chunk:length()))
              end
              handle:logInfo("all " .. sum)
            end
            """
        )
        #expect(run.response(endOfStream: false) == .continue)
        #expect(run.responseBody("one", endOfStream: false) == .continue)
        #expect(run.responseBody("", endOfStream: false) == .continue)
        #expect(run.responseBody("three", endOfStream: true) == .continue)
        #expect(run.lines == ["one", "three", "all 8"])
        #expect(run.stream.bodyChangesAnnounced == [])
        #expect(run.responseBody("late", endOfStream: true) == .continue)
    }

    @Test(
        "A script that clears every piece and sets the last one replaces the body", arguments: [true, false])
    func replacesByChunks(lastIsEmpty: Bool) throws {
        let run = try ScriptedStream(
            """
            function envoy_on_response(response_handle)
              local last
              for chunk in response_handle:bodyChunks() do
                chunk:setBytes("")
                last = chunk
              end
              last:setBytes("<html>")
            end
            """
        )
        #expect(run.response(endOfStream: false) == .continue)
        #expect(run.stream.bodyChangesAnnounced == [.response])
        #expect(run.responseBody("one", endOfStream: false) == .continue)
        #expect(run.responseBody(lastIsEmpty ? "" : "two", endOfStream: true) == .continue)
        #expect(run.replacedBodies == (lastIsEmpty ? ["", "<html>"] : ["", "", "<html>"]))
    }

    @Test(
        "What has been sent on cannot be changed any more",
        arguments: [
            (
                "if kept then kept:length() end kept = chunk",
                "length: these bytes of the body have been sent on"
            ),
            ("handle:headers():add('x', '1')", "add: the headers have been sent on"),
            ("handle:respond({ [':status'] = 200 })", "respond: the request's head has been sent on"),
            ("handle:clearRouteCache()", "clearRouteCache: the request has been sent on"),
            (
                "handle:body()",
                "body: the body has been sent on; call body() before bodyChunks() and trailers()"
            ),
        ]
    )
    func tooLate(statement: String, why: String) throws {
        let run = try ScriptedStream(
            "function on_request(handle) for chunk in handle:bodyChunks() do \(statement) end end"
        )
        #expect(run.request(endOfStream: false) == .continue)
        _ = run.requestBody("one", endOfStream: false)
        _ = run.requestBody("two", endOfStream: false)
        #expect(run.lines == ["test.lua:1: \(why)"])
    }

    @Test("trailers waits for them, or for the end without any")
    func trailers() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local trailers = handle:trailers()
              if trailers then
                handle:logInfo(trailers:get("x-sum"))
                trailers:replace("x-sum", "2")
              else
                handle:logInfo("none")
              end
            end
            """
        )
        #expect(run.request(endOfStream: false) == .continue)
        #expect(run.requestBody("one", endOfStream: false) == .continue)
        run.stream.add([("x-sum", "1")], to: run.stream.requestTrailers)
        #expect(run.filter.requestTrailers(run.stream, run.slot) == .continue)
        #expect(run.stream.requestTrailers.pairs == [["x-sum", "2"]])
        run.reset()
        run.stream.requestTrailers.reset()
        #expect(run.request(endOfStream: false) == .continue)
        #expect(run.requestBody("one", endOfStream: true) == .continue)
        run.reset()
        #expect(run.request(endOfStream: true) == .continue)
        #expect(run.lines == ["1", "none", "none"])
    }

    @Test("Trailers follow the pieces of the body, or the whole of it")
    func trailersAfterBody() throws {
        let chunks = try ScriptedStream(
            """
            function on_request(handle)
              for chunk in handle:bodyChunks() do handle:logInfo("piece") end
              handle:logInfo(handle:trailers():get("x"))
            end
            """
        )
        #expect(chunks.request(endOfStream: false) == .continue)
        #expect(chunks.requestBody("one", endOfStream: false) == .continue)
        chunks.stream.add([("x", "after pieces")], to: chunks.stream.requestTrailers)
        #expect(chunks.filter.requestTrailers(chunks.stream, chunks.slot) == .continue)
        #expect(chunks.lines == ["piece", "after pieces"])

        let whole = try ScriptedStream(
            "function on_request(h) h:body() h:logInfo(h:trailers():get('x')) end"
        )
        #expect(whole.request(endOfStream: false) == .buffer)
        whole.stream.add([("x", "after all")], to: whole.stream.requestTrailers)
        #expect(whole.requestBody("one", endOfStream: true) == .continue)
        #expect(whole.lines == ["after all"])
    }

    @Test("Waiting is for the hook itself, and for methods that the text names")
    func whereWaitingIsPossible() throws {
        let inCoroutine = try ScriptedStream(
            "function on_request(h) coroutine.wrap(function() h:body() end)() end")
        inCoroutine.request(endOfStream: false)
        #expect(
            inCoroutine.lastLine.hasSuffix(
                "a call that waits is possible in the hook itself only, not in a coroutine of the script"
            )
        )
        let hidden = try ScriptedStream("function on_request(h) h['bo' .. 'dy'](h) end")
        hidden.request(endOfStream: false)
        #expect(hidden.lines == ["test.lua:1: body: the script must spell the method's name out"])
        let outside = try ScriptedStream("function on_request(h) coroutine.yield() end")
        outside.request()
        #expect(outside.lines == ["test.lua:1: attempt to yield from outside a coroutine of the script"])
    }

    @Test("An exchange that ends while its script waits closes what the script left open")
    func abandoned() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local guard <close> = setmetatable({}, { __close = function()
                print(pcall(handle.headers, handle))
                while looping do end
              end })
              looping = handle:headers():get("x-loop")
              handle:body()
            end
            """
        )
        #expect(run.request(endOfStream: false) == .buffer)
        run.reset()
        #expect(run.lines == ["false\theaders: this handle belongs to a call that is over"])
        run.stream.setRequest([("x-loop", "1")])
        #expect(run.request(endOfStream: false) == .buffer)
        run.reset()
        #expect(run.filter.machine?.waitingCalls == 0)
        #expect(run.request(endOfStream: false) == .buffer)
    }

    @Test("Many calls can wait at once, each with its own variables")
    func manyWait() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              local name = handle:headers():get("x-name")
              handle:logInfo(name .. handle:body():getBytes(0, 1))
            end
            """
        )
        var slots: [FilterSlot] = []
        for index in 0..<200 {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: LuaStreamState.size, alignment: 16)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: LuaStreamState.size)
            slots.append(FilterSlot(index: index, state: memory))
            run.stream.setRequest([("x-name", "\(index)")])
            #expect(run.filter.requestHead(run.stream, slots[index], endOfStream: false) == .buffer)
        }
        for slot in slots.reversed() {
            run.stream.withBody([0x21]) {
                #expect(run.filter.requestBody(run.stream, slot, endOfStream: true) == .continue)
            }
            slot.state.deallocate()
        }
        #expect(run.lines == (0..<200).reversed().map { "\($0)!" })
    }
}
