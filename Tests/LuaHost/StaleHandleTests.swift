internal import Filtering
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct StaleHandleTests {
    @Test(
        "What a script keeps of a request fails in the next one instead of coming alive",
        arguments: [
            ("handle", "kept:headers()", "headers: this handle belongs to a call that is over"),
            ("handle:headers()", "kept:get('x')", "get: this headers object belongs to a call that is over"),
            (
                "handle:streamInfo()", "kept:protocol()",
                "protocol: this stream info belongs to a call that is over"
            ),
        ]
    )
    func keptObjects(what: String, use: String, why: String) throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              if kept then \(use) end
              kept = \(what)
            end
            """
        )
        #expect(run.request() == .continue)
        run.reset()
        #expect(run.request() == .responded)
        #expect(run.lines == ["test.lua:2: \(why)"])
    }

    @Test("An iterator kept from an earlier request fails")
    func keptIterator() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              if kept then kept() end
              kept = pairs(handle:headers())
            end
            """
        )
        run.request()
        #expect(run.request() == .responded)
        #expect(run.lines == ["test.lua:2: pairs: this headers object belongs to a call that is over"])
    }

    @Test("A handle of a request that waits fails in another request")
    func handleOfWaitingCall() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              if kept then kept:headers() end
              kept = handle
              handle:body()
            end
            """
        )
        #expect(run.request(endOfStream: false) == .buffer)
        let other = FakeStream(worker: run.stream.fakeWorker)
        other.setRequest()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: LuaStreamState.size, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: LuaStreamState.size)
        let action = run.filter.requestHead(other, FilterSlot(index: 0, state: memory), endOfStream: true)
        #expect(action == .responded)
        #expect(run.lines == ["test.lua:2: headers: this handle belongs to another request"])
        #expect(run.requestBody("x", endOfStream: true) == .continue)
    }

    @Test("Methods called on the wrong object say so")
    func wrongObject() throws {
        #expect(
            try logged(by: "handle:headers():body()") == ["test.lua:2: body is no method of a headers object"]
        )
        #expect(
            try logged(by: "handle.headers()") == [
                "test.lua:2: headers: call it with ':' on its object, got a no value"
            ]
        )
        #expect(
            try logged(by: "handle.headers('x')") == [
                "test.lua:2: headers: call it with ':' on its object, got a string"
            ]
        )
        #expect(try logged(by: "handle:logInfo(tostring(getmetatable(handle)))") == ["false"])
    }
}
