internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct MetadataMethodTests {
    private func run(_ body: String, prepare: (FakeStream) -> Void = { _ in }) throws -> ScriptedStream {
        let run = try ScriptedStream("function on_request(handle)\n\(body)\nend")
        prepare(run.stream)
        run.request()
        return run
    }

    @Test("metadata gives the facts of the rule under the filter's name, of every kind")
    func ruleMetadata() throws {
        let run = try self.run(
            """
            local facts = handle:metadata()
            handle:logInfo(facts:get("text") .. facts:get("list")[2] .. facts:get("object").deep)
            handle:logInfo(tostring(facts:get("flag")) .. " " .. tostring(facts:get("none")))
            handle:logInfo(facts:get("number") + 1)
            local names = {}
            for name in pairs(facts) do names[#names + 1] = name end
            table.sort(names)
            handle:logInfo(table.concat(names, ","))
            handle:logInfo(handle:route():metadata():get("text"))
            handle:logInfo(tostring(handle:virtualHost():metadata():get("text")))
            """
        ) {
            $0.metadataOfRule["test", "text"] = .text("a")
            $0.metadataOfRule["test", "list"] = .list([.text("b"), .text("c")])
            $0.metadataOfRule["test", "object"] = .object(["deep": .text("d")])
            $0.metadataOfRule["test", "flag"] = .bool(false)
            $0.metadataOfRule["test", "number"] = .number(41)
            $0.metadataOfRoute["test", "text"] = .text("host")
        }
        #expect(run.lines == ["acd", "false nil", "42", "flag,list,number,object,text", "a", "host"])
    }

    @Test("Facts under Envoy's name of the filter are found when there are none under its own")
    func canonicalName() throws {
        let run = try self.run("handle:logInfo(handle:metadata():get('a'))") {
            $0.metadataOfRule["envoy.filters.http.lua", "a"] = .text("old")
        }
        #expect(run.lines == ["old"])
        #expect(try self.run("handle:logInfo(tostring(handle:metadata():get('a')))").lines == ["nil"])
    }

    @Test("dynamicMetadata keeps what a script sets, for it and for other filters")
    func dynamic() throws {
        let run = try self.run(
            """
            local dynamic = handle:streamInfo():dynamicMetadata()
            handle:logInfo(tostring(dynamic:get("auth")))
            dynamic:set("auth", "user", "jason")
            dynamic:set("auth", "claims", { groups = { "a", "b" }, level = 3, ok = true })
            dynamic:set("auth", "gone", 1)
            dynamic:set("auth", "gone", nil)
            local auth = dynamic:get("auth")
            handle:logInfo(auth.user .. auth.claims.groups[2] .. auth.claims.level .. tostring(auth.gone))
            for space, values in pairs(dynamic) do handle:logInfo(space .. "=" .. values.user) end
            handle:logInfo(tostring(handle:streamInfo():dynamicTypedMetadata("auth")))
            dynamic:set("auth", "bad", { f = print })
            """
        )
        #expect(
            run.lines.prefix(4) == ["nil", "jasonb3nil", "auth=jason", "nil"])
        #expect(run.lastLine.contains("test.lua:12: dynamicMetadata:set: a function has no place in JSON"))
        #expect(run.stream.metadata["auth", "user"] == .text("jason"))
        #expect(
            run.stream.metadata["auth", "claims"]
                == .object([
                    "groups": .list([.text("a"), .text("b")]), "level": .number(3), "ok": .bool(true),
                ]))
    }

    @Test("What plain connections and this version do not have is empty or nil, as in Envoy")
    func absentFacts() throws {
        let run = try self.run(
            """
            local info, connection = handle:streamInfo(), handle:connectionStreamInfo()
            handle:logInfo("[" .. info:virtualClusterName() .. "]")
            handle:logInfo(tostring(info:downstreamSslConnection()))
            handle:logInfo(tostring(info:filterState():get("x")))
            handle:logInfo(tostring(connection:dynamicMetadata():get("x")))
            handle:logInfo(tostring(connection:dynamicTypedMetadata("x")))
            info:drainConnectionUponCompletion()
            handle:setUpstreamOverrideHost("127.0.0.1:9001", true)
            handle:setUpstreamOverrideHost("[::1]:9001")
            handle:setUpstreamOverrideHost("localhost:9001")
            """
        )
        #expect(run.lines.prefix(5) == ["[]", "nil", "nil", "nil", "nil"])
        #expect(run.stream.closesConnection)
        #expect(run.stream.overrides.map(\.address) == ["127.0.0.1:9001", "[::1]:9001"])
        #expect(run.stream.overrides.map(\.isStrict) == [true, false])
        #expect(run.lastLine.hasSuffix("the host must be an IP address with a port, got 'localhost:9001'"))
    }

    @Test("setHttp1ReasonPhrase changes the response's words, and nothing else has any")
    func reason() throws {
        let run = try ScriptedStream(
            """
            function on_response(handle) handle:headers():setHttp1ReasonPhrase("Quite Fine") end
            function on_request(handle) handle:headers():setHttp1ReasonPhrase("x") end
            """
        )
        run.response()
        #expect(run.stream.response.reason.string == "Quite Fine")
        run.request()
        #expect(run.stream.responses.isEmpty)
        let bad = try ScriptedStream(
            "function on_response(handle) handle:headers():setHttp1ReasonPhrase('a\\r\\nb: c') end")
        bad.response()
        #expect(bad.lastLine.contains("the phrase holds what a status line may not"))
    }

    @Test("A script reads its configuration as a table")
    func config() throws {
        let source = """
            local limit = postern.config.limit
            function on_request(handle)
              handle:logInfo(limit .. postern.config.names[2] .. handle:filterContext()["key"])
              handle:logInfo(handle:filterContext():get("key"))
            end
            """
        let script = try LuaScript(
            source: Array(source.utf8), path: "a.lua", config: #"{"limit":5,"names":["a","b"],"key":"k"}"#)
        let host = FakeHost()
        let filter = LuaWorkerFilter(try LuaBlueprint(script, host: host), worker: FakeWorker())
        let run = try ScriptedStream("function on_request() end")
        _ = filter.requestHead(run.stream, run.slot, endOfStream: true)
        #expect(host.lines.map(\.message) == ["5bk", "k"])
    }
}
