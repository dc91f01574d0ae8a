internal import Filtering
internal import Primitives
internal import TestSupport
import Testing

@testable internal import LuaHost

@Suite struct LibraryTests {
    /// What `expression` gives, as text.
    private func value(of expression: String) throws -> String? {
        try logged(
            by: """
                local function show(...)
                  local t = table.pack(...)
                  for i = 1, t.n do t[i] = tostring(t[i]) end
                  return table.concat(t, ' ')
                end
                handle:logInfo(show(\(expression)))
                """
        ).last
    }

    @Test(
        "JSON is read and written alike",
        arguments: [
            "null", "true", "-12", "1.5", #""a\"b\\c\n\u0001""#, "[]", "{}", "[1,[2],{}]",
            #"{"a":[],"b":{"c":null}}"#, "9007199254740993", "\"\u{E9}\u{1F600}\"", "1e+300",
        ]
    )
    func json(text: String) throws {
        #expect(try self.value(of: "postern.json.encode(postern.json.decode([==[\(text)]==]))") == text)
    }

    @Test("JSON that is none gives nil and the place")
    func badJSON() throws {
        for (text, why) in [
            ("", "nil at byte 1: a value is missing"), ("[1,]", "nil at byte 4: a value is missing"),
            ("{\"a\" 1}", "nil at byte 7: `:` is missing behind a key"),
            ("01", "nil at byte 2: something follows the value"),
            ("\"\\ud800\\x\"", "nil at byte 10: unknown escape in a string"),
            ("tru", "nil at byte 1: a value is missing"),
            ("1.", "nil at byte 3: digits are missing in a number"),
            ("1e999", "nil at byte 6: a number is out of range"),
            (String(repeating: "[", count: 65), "nil at byte 65: nested deeper than 64"),
        ] {
            #expect(try self.value(of: "postern.json.decode([==[\(text)]==])") == why)
        }
    }

    @Test("Keys come in order, whole floats without a fraction, and marked lists stay lists")
    func encoding() throws {
        #expect(
            try self.value(
                of: "postern.json.encode({ b = 2.0, a = postern.json.list({}), [3] = postern.json.null })")
                == #"{"3":null,"a":[],"b":2}"#)
        #expect(
            try self.value(of: "pcall(postern.json.encode, { f = print })")?.hasSuffix(
                "a function has no place in JSON") == true)
        #expect(
            try self.value(of: "pcall(postern.json.encode, 0/0)")?.hasSuffix("a number is not finite") == true
        )
        let cycle = try logged(
            by: "local t = {} t.t = t handle:logInfo(select(2, pcall(postern.json.encode, t)))")
        #expect(cycle == ["json.encode: nested deeper than 64, or within itself"])
    }

    @Test(
        "Digests and encodings give the known values",
        arguments: [
            ("postern.sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("postern.sha1('abc', 'base64')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
            ("postern.md5('')", "d41d8cd98f00b204e9800998ecf8427e"),
            ("#postern.sha512('x', 'raw')", "64"),
            (
                "postern.hmac('sha256', 'Jefe', 'what do ya want for nothing?')",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            ("postern.base64.encode('fo')", "Zm8="), ("postern.base64.encode_url('\\255\\254')", "__4"),
            (
                "postern.base64.decode('Zm8'), postern.base64.decode('Zm8='), #postern.base64.decode('__4')",
                "fo fo 2"
            ),
            ("postern.base64.decode('Zm8==')", "nil"), ("postern.base64.decode('Z')", "nil"),
            (
                "postern.equals('a', 'a'), postern.equals('a', 'b'), postern.equals('a', 'ab')",
                "true false false"
            ),
        ]
    )
    func digests(expression: String, expected: String) throws {
        #expect(try self.value(of: expression) == expected)
    }

    @Test("Time is the host's, and dates are written and read")
    func time() throws {
        #expect(
            try self.value(of: "postern.time.now(), postern.time.now_ms(), os.time()")
                == "1700000000 1700000000123 1700000000")
        #expect(try self.value(of: "postern.time.http()") == "Tue, 14 Nov 2023 22:13:20 GMT")
        #expect(try self.value(of: "postern.time.iso(0)") == "1970-01-01T00:00:00Z")
        #expect(
            try self.value(
                of:
                    "postern.time.parse('Tue, 14 Nov 2023 22:13:20 GMT'), postern.time.parse('1970-01-02')"
            ) == "1700000000 86400")
    }

    @Test(
        "Expressions are RE2's",
        arguments: [
            ("postern.regex.find('abc-123', '[0-9]+')", "5 7"),
            ("postern.regex.match('key=value', '(\\\\w+)=(\\\\w+)')", "key value"),
            ("postern.regex.match('abc', 'b')", "b"), ("postern.regex.match('abc', 'x')", "nil"),
            ("postern.regex.match('a', '(a)|(b)')", "a false"),
            ("postern.regex.test('ABC', '(?i)abc')", "true"),
            ("postern.regex.gsub('a1b22', '[0-9]+', '<%0>')", "a<1>b<22> 2"),
            ("postern.regex.gsub('abc', '', '-')", "-a-b-c- 4"),
            ("postern.regex.gsub('aaa', 'a', '%%', 2)", "%%a 2"),
            ("postern.regex.find('aXbX', 'X', 3)", "4 4"),
        ]
    )
    func regex(expression: String, expected: String) throws {
        #expect(try self.value(of: expression) == expected)
    }

    @Test("A bad expression says why, and many expressions do not fill the machine")
    func badRegex() throws {
        #expect(
            try self.value(of: "pcall(postern.regex.test, 'a', '(')")?.hasSuffix("regex: missing ): (")
                == true)
        #expect(try self.value(of: "pcall(postern.regex.test, 'a', '(?=a)')")?.contains("regex: ") == true)
        let run = try ScriptedStream(
            "n = 0 function on_request() for i = 1, 15 do n = n + 1 postern.regex.test('', 'a' .. n) end end"
        )
        for _ in 0..<40 {
            #expect(run.request() == .continue)
            run.reset()
        }
        #expect(run.filter.machine.map { $0.memoryUsed < .mebibytes(8) } == true)
    }

    @Test("The store keeps, counts, expires and compares")
    func store() throws {
        let run = try ScriptedStream(
            """
            local store = postern.store
            function on_request(handle)
              handle:logInfo(tostring(store.get("k")))
              store.set("k", "v", 10)
              handle:logInfo(store.get("k"))
              handle:logInfo(tostring(store.add("k", "w")) .. tostring(store.add("l", "w", 10)))
              handle:logInfo(store.incr("n") + store.incr("n", 5, 10))
              handle:logInfo(tostring(store.incr("k")))
              local wrong, right = store.swap("k", "x", "y"), store.swap("k", "v", "y")
              handle:logInfo(tostring(wrong) .. tostring(right) .. store.get("k"))
              handle:logInfo(tostring(store.remove("k")) .. tostring(store.remove("k")))
            end
            function on_response(handle) handle:logInfo(tostring(store.get("l"))) end
            """
        )
        run.request()
        #expect(run.lines == ["nil", "v", "falsetrue", "7", "nil", "falsetruey", "truefalse"])
        run.response()
        #expect(run.lastLine == "w")
        run.stream.fakeWorker.advance(byNanoseconds: 11_000_000_000)
        run.response()
        #expect(run.lastLine == "nil")
        #expect(throws: LuaError.self) {
            try ScriptedStream("postern.store.get('x') function on_request() end")
        }
    }

    @Test(
        "What LuaJIT and Lua 5.1 have is there",
        arguments: [
            ("bit.band(0xFF, 0x0F), bit.bor(1, 2, 4), bit.bxor(5, 1), bit.bnot(0)", "15 7 4 -1"),
            (
                "bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-16, 2), bit.rol(0x12345678, 8)",
                "-2147483648 15 -4 878082066"
            ),
            (
                "bit.tohex(255), bit.tohex(255, -4), bit.bswap(1), bit.tobit(0xFFFFFFFF)",
                "000000ff 00FF 16777216 -1"
            ),
            ("unpack({ 1, 2 })", "1 2"), ("loadstring('return 7')()", "7"),
            ("table.getn({ 1, 2 }), table.maxn({ [9] = 1 })", "2 9"),
            ("math.pow(2, 3), math.log10(100)", "8.0 2.0"), ("string.gfind('ab', '.')()", "a"),
        ]
    )
    func compatibility(expression: String, expected: String) throws {
        #expect(try self.value(of: expression) == expected)
    }

    @Test("A whole float goes into a header as LuaJIT writes it")
    func wholeFloats() throws {
        let run = try ScriptedStream(
            "function on_request(handle) handle:headers():add('x', 10 / 2) handle:headers():add('y', 0.5) end"
        )
        run.request()
        #expect(run.stream.request.pairs == [["x", "5"], ["y", "0.5"]])
    }
}
