internal import Filtering
internal import Primitives
internal import TestSupport
internal import Testing

@Suite struct TransformTests {
    private static let json = [("content-type", "application/json; charset=utf-8")]

    private func body(_ config: String, _ body: String) throws -> String? {
        let plugin = try PluginUnderTest("transform", #"{ "request": { "body": \#(config) } }"#)
        guard plugin.request(Self.json, method: "POST", body: true) == .buffer else { return nil }
        guard plugin.requestBody(Array(body.utf8)) == .continue else {
            let answer = try #require(plugin.stream.responses.last)
            return "\(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
        }
        return plugin.stream.replacedBodies.last.map { String(decoding: $0, as: UTF8.self) }
    }

    private func change(_ json: String, _ text: String) throws -> String? {
        try self.body(#"{ "json": \#(json) }"#, text)
    }

    @Test("Places are removed, renamed, then set; numbers and the order of the rest stay as they were")
    func json() throws {
        let config = """
            { "remove": ["/password", "/list/1", "/none/at/all"], "rename": { "/name": "/user/name" },
              "set": { "/user/id": "i1", "/version": 2, "/list/-": { "a": [null, true] },
                       "/list/0": "first" } }
            """
        let text = #"{ "n": 1.50e2, "password": "x", "name": "jason", "list": [0, 1, 2], "z": "é\n" }"#
        let expected =
            #"{"n":1.50e2,"list":["first",2,{"a":[null,true]}],"z":"é\u000a","#
            + #""user":{"name":"jason","id":"i1"},"version":2}"#
        #expect(try self.change(config, text) == expected)
    }

    @Test("Keys with a slash or a tilde are written ~1 and ~0, and the empty key is a key")
    func pointers() throws {
        #expect(try self.change(#"{ "set": { "/a~1b/~0/": 1 } }"#, "{}") == #"{"a/b":{"~":{"":1}}}"#)
        #expect(
            try self.change(#"{ "remove": ["/a~1b", "/~01"] }"#, #"{"a/b":1,"~1":2,"c":3}"#) == #"{"c":3}"#)
        // `01` is no index of an array.
        #expect(try self.change(#"{ "remove": ["/01", "/-"] }"#, "[1,2]") == "[1,2]")
    }

    @Test("An attribute stands in any text of a value, and is escaped there")
    func templates() throws {
        let config = #"""
            { "json": { "set": { "/by": { "who": ["%{request.headers['x-user']}!"], "n": 1 } } } }
            """#
        let plugin = try PluginUnderTest("transform", #"{ "request": { "body": \#(config) } }"#)
        _ = plugin.request(Self.json + [("x-user", #"a"b\"#)], method: "POST", body: true)
        #expect(plugin.requestBody(Array("{}".utf8)) == .continue)
        let changed = plugin.stream.replacedBodies.map { String(decoding: $0, as: UTF8.self) }
        #expect(changed == [#"{"by":{"who":["a\"b\\!"],"n":1}}"#])
    }

    @Test("A whole text can stand in place of a body, with its own type")
    func text() throws {
        let config = """
            { "response": { "body": { "text": "%{response.code}:\\n", "contentType": "text/plain",
                                      "contentTypes": ["text/*"] } } }
            """
        let plugin = try PluginUnderTest("transform", config)
        plugin.stream.integers[.responseCode] = 500
        #expect(plugin.response([("content-type", "text/html")], status: 500, body: true) == .buffer)
        #expect(plugin.stream.response.pairs == [["content-type", "text/plain"]])
        #expect(plugin.responseBody(Array("<p>secret".utf8)) == .continue)
        #expect(plugin.stream.replacedBodies.map { String(decoding: $0, as: UTF8.self) } == ["500:\n"])
    }

    @Test(
        "A body that cannot be changed is refused with the reason",
        arguments: [
            ("", "400 the body cannot be changed: not JSON: unexpected end at byte 0\n"),
            ("{", "400 the body cannot be changed: not JSON: expected a key at byte 1\n"),
            (#"{"a":1,"a":2}"#, "400 the body cannot be changed: not JSON: repeated key 'a' at byte 10\n"),
            (#"{"a":"x"}"#, "400 the body cannot be changed: a string stands where /a/b needs an object\n"),
            (#"{"a":[]}"#, "400 the body cannot be changed: there is no item 'b' for /a/b\n"),
        ])
    func mismatch(_ text: String, _ answer: String) throws {
        #expect(try self.body(#"{ "json": { "set": { "/a/b": 1 } } }"#, text) == answer)
        #expect(try self.body(#"{ "json": { "set": { "/a/b": 1 } }, "onMismatch": "pass" }"#, text) == nil)
    }

    @Test("Only bodies of the types are looked at, and one that is encoded is refused")
    func types() throws {
        let plugin = try PluginUnderTest(
            "transform", #"{ "request": { "body": { "json": { "remove": ["/a"] }, "limit": "9B" } } }"#)
        for type in ["text/plain", "application/jsonx", "application/x+jsonp", "json"] {
            #expect(plugin.request([("content-type", type)], method: "POST", body: true) == .continue)
            #expect(plugin.requestBody(Array(#"{"a":1}"#.utf8)) == .continue)
        }
        #expect(plugin.stream.replacedBodies.isEmpty)
        #expect(plugin.request(Self.json) == .continue)
        for type in ["Application/JSON", "application/problem+json ;a=b"] {
            #expect(plugin.request([("content-type", type)], method: "POST", body: true) == .buffer)
        }
        let encoded = Self.json + [("content-encoding", "gzip")]
        #expect(plugin.request(encoded, method: "POST", body: true) == .responded)
        #expect(plugin.stream.responses.map(\.status) == [415])
    }

    @Test("A response to be changed is asked for plain and whole, and loses what its bytes no longer have")
    func response() throws {
        let config = #"{ "response": { "body": { "json": { "remove": ["/internal"] } } } }"#
        let plugin = try PluginUnderTest("transform", config)
        let asked = [
            ("accept-encoding", "gzip"), ("range", "bytes=0-1"), ("if-range", "x"), ("accept", "*/*"),
        ]
        #expect(plugin.request(asked) == .continue)
        #expect(plugin.stream.request.pairs == [["accept", "*/*"]])
        let fields = Self.json + [("etag", "\"1\""), ("content-md5", "x"), ("accept-ranges", "bytes")]
        #expect(plugin.response(fields, body: true) == .buffer)
        #expect(plugin.stream.response.pairs == [["content-type", "application/json; charset=utf-8"]])
        #expect(plugin.responseBody(Array(#"{"a":1,"internal":{}}"#.utf8)) == .continue)
        #expect(plugin.stream.replacedBodies.map { String(decoding: $0, as: UTF8.self) } == [#"{"a":1}"#])
        #expect(plugin.response(Self.json, body: true) == .buffer)
        #expect(plugin.responseBody(Array("nope".utf8)) == .responded)
        #expect(plugin.response(Self.json + [("content-encoding", "br")], body: true) == .responded)
        #expect(plugin.response(Self.json, status: 206, body: true) == .responded)
        #expect(plugin.stream.responses.map(\.status) == [502, 502, 502])
        let details = ["transform_response_body", "transform_response_encoded", "transform_response_encoded"]
        #expect(plugin.stream.responses.map(\.details) == details)
    }

    @Test("Headers are removed, renamed, set and added")
    func headers() throws {
        let config = """
            { "request": { "headers": { "remove": ["a"], "rename": { "b": "c", "missing": "d" },
                                        "set": { "e": "%{request.headers['c']}" }, "add": { "e": "2" } } } }
            """
        let plugin = try PluginUnderTest("transform", config)
        #expect(plugin.request([("A", "0"), ("B", "1"), ("c", "old")]) == .continue)
        #expect(plugin.stream.request.pairs == [["c", "1"], ["e", "1"], ["e", "2"]])
    }

    @Test(
        "Parameters of a query are removed, renamed, set and added; others stay as they were spelt",
        arguments: [
            ("/p?debug=1&q=a%20b&old=x&q=c", "/p?q=a%20b&new=x&q=c&client=1.2%3D3&t=%26"),
            ("/p?d%65bug&client=fake&x&client=again", "/p?client=1.2%3D3&x&t=%26"),
            ("/p", "/p?client=1.2%3D3&t=%26"), ("/p?", "/p?client=1.2%3D3&t=%26"),
            ("/p?a=b?c&&d", "/p?a=b?c&d&client=1.2%3D3&t=%26"),
        ])
    func query(_ path: String, _ expected: String) throws {
        let config = """
            { "request": { "query": { "remove": ["debug"], "rename": { "old": "new" },
                                      "set": { "client": "%{request.headers['x-c']}" },
                                      "add": { "t": "&" } } } }
            """
        let plugin = try PluginUnderTest("transform", config)
        #expect(plugin.request([("x-c", "1.2=3")], path: path) == .continue)
        #expect(plugin.stream.request.path.string == expected)
    }

    @Test(
        "A bad configuration is refused with the place",
        arguments: [
            ("{}", "changes nothing"), (#"{ "request": {} }"#, "changes nothing"),
            (#"{ "request": { "query": {} } }"#, "request.query: changes nothing"),
            (#"{ "request": { "body": {} } }"#, "must have exactly one of json and text"),
            (#"{ "request": { "body": { "text": "a", "json": { "remove": ["/a"] } } } }"#, "exactly one"),
            (#"{ "request": { "body": { "json": {} } } }"#, "changes nothing"),
            (#"{ "request": { "body": { "json": { "remove": ["a"] } } } }"#, "must be a JSON pointer"),
            (#"{ "request": { "body": { "json": { "set": { "/a": "%{nope}" } } } } }"#, "is no attribute"),
            (#"{ "request": { "body": { "text": "", "contentTypes": ["*"] } } }"#, "contentTypes"),
            (
                #"{ "request": { "body": { "text": "", "contentTypes": ["a/*b*"] } } }"#,
                "must be a media type"
            ),
            (#"{ "response": { "query": { "remove": ["a"] } } }"#, "query"),
            (#"{ "request": { "headers": { "rename": { "a": "b c" } } } }"#, "'b c' is no header name"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("transform", config)
        #expect(problems.contains(reason), "\(problems)")
    }
}
