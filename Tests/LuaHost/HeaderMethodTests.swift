internal import Filtering
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct HeaderMethodTests {
    private func run(_ body: String, _ fields: [(String, String)]) throws -> ScriptedStream {
        let run = try ScriptedStream(
            "function on_request(handle) local headers = handle:headers()\n\(body)\nend")
        run.stream.setRequest(method: "PUT", path: "/a?b=1", authority: "shop.example.com", fields)
        run.request()
        return run
    }

    @Test("get finds a field in any case, joins several by a comma, and is nil for none")
    func get() throws {
        let run = try self.run(
            """
            handle:logInfo(headers:get("x-one"))
            handle:logInfo(headers:get("X-TWO"))
            handle:logInfo(tostring(headers:get("x-three")))
            handle:logInfo(headers:get("x-empty") .. "|")
            """,
            [
                ("X-One", "1"), ("x-two", "a"), ("Accept", "*/*"), ("X-Two", "b"), ("x-two", "c"),
                ("x-empty", ""),
            ]
        )
        #expect(run.lines == ["1", "a,b,c", "nil", "|"])
    }

    @Test("get finds pseudo-fields, and host as another name of the authority")
    func pseudoFields() throws {
        let run = try self.run(
            """
            for _, name in ipairs { ":method", ":path", ":authority", ":scheme", "Host", ":status", ":x" } do
              handle:logInfo(tostring(headers:get(name)))
            end
            """, []
        )
        #expect(run.lines == ["PUT", "/a?b=1", "shop.example.com", "http", "shop.example.com", "nil", "nil"])
    }

    @Test("getAtIndex counts from 0 and getNumValues counts all")
    func indexed() throws {
        let run = try self.run(
            """
            for index = -1, 2 do handle:logInfo(tostring(headers:getAtIndex("x", index))) end
            handle:logInfo(headers:getNumValues("x") .. headers:getNumValues("y")
              .. headers:getNumValues(":path"))
            handle:logInfo(tostring(headers:getAtIndex(":path", 1)))
            """, [("x", "first"), ("X", "second")]
        )
        #expect(run.lines == ["nil", "first", "second", "nil", "201", "nil"])
    }

    @Test("add appends, replace leaves one, remove leaves none")
    func edits() throws {
        let run = try self.run(
            """
            headers:add("x-a", "2")
            headers:replace("x-b", "only")
            headers:replace("x-new", 42)
            headers:remove("X-C")
            headers:replace(":path", "/changed")
            headers:replace("host", "other.example.com")
            """, [("x-a", "1"), ("x-b", "1"), ("x-b", "2"), ("x-c", "1"), ("x-c", "2")]
        )
        #expect(
            run.stream.request.pairs == [["x-a", "1"], ["x-b", "only"], ["x-a", "2"], ["x-new", "42"]]
        )
        #expect(run.stream.request.path.string == "/changed")
        #expect(run.stream.request.authority.string == "other.example.com")
    }

    @Test("pairs shows pseudo-fields first and names in lower case")
    func pairs() throws {
        let run = try self.run(
            "for name, value in pairs(headers) do handle:logInfo(name .. '=' .. value) end",
            [("X-One", "1"), ("x-two", "2")]
        )
        #expect(
            run.lines == [
                ":authority=shop.example.com", ":path=/a?b=1", ":method=PUT", ":scheme=http", "x-one=1",
                "x-two=2",
            ]
        )
    }

    @Test("A response shows and changes its status")
    func status() throws {
        let run = try ScriptedStream(
            """
            function on_response(handle)
              handle:logInfo(handle:headers():get(":status"))
              for name, value in pairs(handle:headers()) do handle:logInfo(name .. "=" .. value) end
              handle:headers():replace(":status", "404")
            end
            """
        )
        run.stream.setResponse(status: 201, [("Server", "s")])
        #expect(run.response() == .continue)
        #expect(run.lines == ["201", ":status=201", "server=s"])
        #expect(run.stream.response.status == 404)
    }

    @Test(
        "An edit that would split the message fails the script and changes nothing",
        arguments: [
            (#"headers:add("x y", "1")"#, "add: 'x y' is no header's name here"),
            (#"headers:add("x", "a\r\nb: c")"#, "add: the value of 'x' holds what a header may not"),
            (
                #"headers:replace(":path", "no slash")"#,
                "replace: the value of ':path' holds what a header may not"
            ),
            (#"headers:add(":path", "/x")"#, "add: ':path' is no header's name here"),
            (#"headers:add("x", string.rep(string.rep("y", 1000), 1100))"#, "add: no room is left for 'x'"),
        ]
    )
    func refusesBadEdits(statement: String, why: String) throws {
        let run = try self.run(statement, [])
        #expect(run.lines == ["test.lua:2: \(why)"])
        #expect(run.stream.request.count == 0)
        #expect(run.stream.responses.map(\.status) == [500])
    }
}
