internal import Filtering
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct HTTPCallTests {
    private static func answer(
        _ worker: FakeWorker, status: Int = 200, _ fields: [(String, String)] = [], body: String = ""
    ) {
        let head = HeaderBlock()
        head.status = status
        for (name, value) in fields {
            _ = name.withByteView { name in value.withByteView { head.add(name, $0) } }
        }
        body.withByteView { worker.answer(.answer(head: head, body: $0, trailers: HeaderBlock())) }
    }

    private static let call = """
        local headers, body = handle:httpCall("auth", {
          [":method"] = "POST", [":path"] = "/check", [":authority"] = "auth.internal",
          ["x-user"] = { "a", "b" }, ["x-number"] = 5,
        }, "hello", 250)
        """

    @Test("The stream waits for the answer, which the script then reads, and goes on")
    func waits() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              \(Self.call)
              handle:headers():add("x-auth", headers[":status"] .. headers["x-who"] .. body)
            end
            """
        )
        let worker = run.stream.fakeWorker
        run.stream.texts[.connectionLocalAddress] = "10.0.0.1:8080"
        #expect(run.request(endOfStream: false) == .pause)
        let callout = try #require(worker.callouts.first?.callout)
        #expect(callout.service == "auth")
        #expect(callout.head.method == "POST")
        #expect(callout.head.path == "/check")
        #expect(callout.head.authority == "auth.internal")
        #expect(
            Set(callout.head.pairs) == [
                ["x-user", "a"], ["x-user", "b"], ["x-number", "5"], ["x-forwarded-for", "10.0.0.1"],
            ])
        #expect(callout.body == Array("hello".utf8))
        #expect(callout.timeout == 250_000_000)
        Self.answer(worker, [("X-Who", "jason")], body: "fine")
        #expect(run.stream.resumed.map(\.slot) == [3])
        #expect(run.stream.request.pairs == [["x-auth", "200jasonfine"]])
    }

    @Test("Of several fields the last counts, or all of them as a list when asked")
    func duplicates() throws {
        let source = { (options: String) in
            """
            function on_request(handle)
              local headers, body = handle:httpCall("auth",
                { [":method"] = "GET", [":path"] = "/", [":authority"] = "a" }, nil, { \(options) })
              local key = headers.key
              handle:logInfo(type(key) == "table" and table.concat(key, "+") or key)
              handle:logInfo(tostring(body) .. headers.one)
            end
            """
        }
        for (options, expected) in [
            ("timeout_ms = 5", "v2"), ("return_duplicate_headers = true, send_xff = false", "v0+v1+v2"),
        ] {
            let run = try ScriptedStream(source(options))
            run.request()
            Self.answer(
                run.stream.fakeWorker, [("key", "v0"), ("key", "v1"), ("one", "1"), ("key", "v2")])
            #expect(run.lines == [expected, "nil1"])
        }
    }

    @Test("An answer that never came is 503, one that came too late 504")
    func failures() throws {
        for (failure, expected) in [(CalloutFailure.unreachable, "503"), (.timedOut, "504")] {
            let run = try ScriptedStream(
                "function on_request(handle) \(Self.call) handle:logInfo(headers[':status']) end")
            run.request()
            run.stream.fakeWorker.answer(.failed(failure))
            #expect(run.lines == [expected])
            #expect(run.stream.resumed.count == 1)
        }
    }

    @Test("A script answers after a call, or fails after it, and the request does not go on")
    func responds() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              \(Self.call)
              handle:respond({ [":status"] = "403" }, body)
            end
            """
        )
        run.request()
        Self.answer(run.stream.fakeWorker, body: "no")
        #expect(run.stream.responses.map(\.status) == [403])
        #expect(run.stream.resumed.isEmpty)
        let failing = try ScriptedStream("function on_request(handle) \(Self.call) error('x') end")
        failing.request()
        Self.answer(failing.stream.fakeWorker)
        #expect(failing.stream.responses.map(\.details) == ["lua_error"])
        #expect(failing.stream.resumed.isEmpty)
        #expect(failing.stream.errors == [3])
    }

    @Test("A body can be asked for after a call, and changed after another")
    func bodyAfterCall() throws {
        let run = try ScriptedStream(
            """
            function on_request(handle)
              \(Self.call)
              local text = handle:body():getBytes(0, 4)
              headers, body = handle:httpCall("auth",
                { [":method"] = "GET", [":path"] = "/" .. text, [":authority"] = "a" }, nil, 100)
              handle:logInfo(handle:body():getBytes(0, 4))
              handle:body():setBytes(body)
            end
            """
        )
        let worker = run.stream.fakeWorker
        #expect(run.request(endOfStream: false) == .pause)
        Self.answer(worker)
        #expect(run.stream.resumed.isEmpty)
        #expect(run.stream.resumedBuffering.map(\.slot) == [3])
        #expect(run.requestBody("text", endOfStream: true) == .pause)
        #expect(worker.callouts.first?.callout.head.path.string == "/text")
        run.stream.held = Array("text".utf8)
        Self.answer(worker, body: "other")
        #expect(run.lines == ["text"])
        #expect(run.stream.held == Array("other".utf8))
        #expect(run.stream.resumed.count == 1)
    }

    @Test("An asynchronous call is sent and forgotten")
    func asynchronous() throws {
        let run = try ScriptedStream(
            """
            local fields = { [":method"] = "GET", [":path"] = "/", [":authority"] = "a" }
            function on_request(handle)
              handle:httpCall("audit", fields, "x", 100, true)
              handle:httpCall("audit", fields, "y", { asynchronous = true })
            end
            function on_complete(handle) handle:httpCall("audit", fields, "z", 100, true) end
            """
        )
        #expect(run.request() == .continue)
        run.filter.complete(run.stream, run.slot)
        #expect(
            run.stream.fakeWorker.callouts.map { String(decoding: $0.callout.body, as: UTF8.self) } == [
                "x", "y", "z",
            ])
    }

    @Test(
        "What a call cannot be says so",
        arguments: [
            (
                "nowhere", "{ [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a' }, nil, 1",
                "no service of the configuration is called 'nowhere'"
            ),
            ("auth", "{ [':method'] = 'GET' }, nil, 1", "':path' must be among the headers, as a string"),
            ("auth", "{}, nil, -1", "the timeout must be 0 or more milliseconds, got -1"),
            ("auth", "{}, nil, { timeout = 1 }", "send_xff, got 'timeout'"),
            (
                "auth", "{ [':method'] = 'GET', [':path'] = '/', [':authority'] = 'a', x = 'a\\nb' }, nil, 1",
                "'x' has a value that a header may not have"
            ),
        ]
    )
    func refused(service: String, arguments: String, why: String) throws {
        let run = try ScriptedStream(
            "function on_request(handle) handle:httpCall('\(service)', \(arguments)) end")
        run.stream.fakeWorker.services = ["auth"]
        run.request()
        #expect(run.lastLine.hasSuffix(why), "\(run.lastLine)")
        #expect(run.stream.fakeWorker.callouts.isEmpty)
    }

    @Test("A script that asks for ever is ended, although each wait has a budget of its own")
    func endless() throws {
        let run = try ScriptedStream("function on_request(handle) while true do \(Self.call) end end")
        #expect(run.request() == .pause)
        for _ in 0..<64 { Self.answer(run.stream.fakeWorker) }
        #expect(run.lastLine.hasSuffix("one call of a script may ask services 64 times at most"))
        #expect(run.stream.responses.map(\.status) == [500])
        #expect(run.stream.fakeWorker.callouts.isEmpty)
    }

    @Test("A request that ends while its script waits leaves nothing behind")
    func abandoned() throws {
        let run = try ScriptedStream("function on_request(handle) \(Self.call) handle:logInfo('on') end")
        run.request()
        run.reset()
        Self.answer(run.stream.fakeWorker)
        #expect(run.lines.isEmpty)
        #expect(run.filter.machine?.waitingCalls == 0)
    }
}
