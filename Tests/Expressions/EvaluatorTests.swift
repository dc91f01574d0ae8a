import ExpressionCases
import Primitives
import Testing

@testable import Expressions

@Suite struct EvaluatorTests {
    private static let replacements = String(repeating: ".replace('y', 'yyyyyyyyyyyyyyyy')", count: 12)
    private static let joins = String(repeating: ".split('').join('12345678')", count: 8)

    @Test(
        "An expression that would take too long, or too much memory, ends with an error",
        arguments: [
            "\("[1,2,3,4,5,6,7,8,9,10]".repeated { ".map(x, \($0))" }) == []",
            "list.all(a, list.all(b, list.all(c, list.all(d, list.all(e, list.all(f, true))))))",
            "list.exists(a, list.exists(b, \(String(repeating: "a > 1000 || ", count: 50))false))",
            "cel.bind(a, 'xxxxxxxxxxxxxxxx', \(String.doubled("a + a", 30)))",
            "cel.bind(a, list, \(String.doubled("a + a", 30)))",
            "cel.bind(a, [1], \(String.doubled("[a, a]", 40, "a == a")))",
            "'x'.replace('', 'yyyyyyyyyyyyyyyy')\(Self.replacements) == ''",
            "'%s%s%s%s'.format([list, list, list, list])\(Self.joins) == ''",
            "list.map(x, list.map(y, list.map(z, 'aaaaaaaaaaaaaaaaaaaaaaaaaaa' + string(x)))).size() == 1",
        ])
    func limits(text: String) throws {
        let numbers = "[" + (1...100).map(String.init).joined(separator: ",") + "]"
        let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .standard)
        let bag = BoundValues()
        let json = try #require(ValueJSON.plain(try JSONText.parse(numbers), bag.builder))
        bag.set(try #require(EvaluatedText.manifest.id("list")), to: json)
        let evaluator = Evaluator()
        withExtendedLifetime((expression, bag, evaluator)) {
            #expect(expression.evaluate(bag, with: evaluator).error?.code == .limitExceeded)
        }
    }

    @Test("No error within a macro hides that the limit was exceeded")
    func limitIsNotAbsorbed() throws {
        let text = "[1,2,3].exists(x, [1,2,3,4,5,6,7,8].all(y, true)) || true"
        #expect(try EvaluatedText.value(text, limits: EvaluationLimits(steps: 5)) == "error: limit exceeded")
        #expect(try EvaluatedText.value(text, limits: EvaluationLimits(steps: 50)) == "true")
    }

    @Test("A bag is asked only for what the result depends on")
    func laziness() throws {
        final class Asked: AttributeBag {
            var ids: [UInt32] = []
            override func value(of id: AttributeID) -> Value {
                self.ids.append(id.rawValue)
                return id.rawValue == 0 ? .string(ByteView("/")) : .absent
            }
        }
        let bag = Asked()
        let text = "request.path == \"/api\" && request.size > 1 && response.code > 1"
        let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
        let evaluator = Evaluator()
        #expect(expression.evaluate(bag, with: evaluator).isFalse)
        #expect(bag.ids == [0])
    }

    @Test("An expression knows which attributes and entries it refers to")
    func references() throws {
        let manifest = EvaluatedText.manifest
        func references(_ text: String) throws -> Set<AttributeReference> {
            try Expression.compile(text, manifest, mode: .rules).references
        }
        let headers = try #require(manifest.id("request.headers"))
        let path = try #require(manifest.id("request.path"))
        let wanted: Set = [
            AttributeReference(id: path), AttributeReference(id: headers, key: Array("x-user".utf8)),
            AttributeReference(id: headers, key: Array("host".utf8)),
        ]
        #expect(
            try references("request.path == request.headers[\"x-user\"] || has(request.headers.host)")
                == wanted)
        #expect(
            try references("request.headers[request.path] == \"a\"") == [
                AttributeReference(id: path), AttributeReference(id: headers),
            ])
        #expect(try references("1 + 1 == 2") == [])
    }

    @Test("A value of another type than the manifest's is an error, not a crash")
    func wrongTypes() throws {
        final class Wrong: AttributeBag {
            var given = Value.null
            override func value(of id: AttributeID) -> Value { self.given }
        }
        let bag = Wrong()
        let evaluator = Evaluator()
        for text in [
            "request.path.startsWith(\"/\")", "request.path + \"a\" == \"a\"", "request.path.matches(\"a\")",
            "request.size + 1 == 2", "request.size > 1", "request.headers[\"a\"] == \"b\"",
            "connection.mtls && true",
            "connection.mtls ? true : false", "!connection.mtls", "request.time.getHours() == 1",
            "source.ip.family() == 4", "request.headers.exists(x, true)", "list.all(x, x > 1)",
            "request.path.split(\"a\").size() == 1", "response.duration.getHours() == 1",
            "has(request.headers.a)",
        ] {
            let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
            for value in [
                .null, .bool(true), .int(1), .uint(1), .double(.nan), .string(ByteView("a")),
                .bytes(ByteView("a")),
                .timestamp(seconds: 1), .duration(nanoseconds: 1), .ip(IPAddress(ipv4: 1)),
                .attributeMap(AttributeID(rawValue: 2)), .absent,
            ] as [Value] {
                bag.given = value
                let result = expression.evaluate(bag, with: evaluator)
                #expect(result.kind == .bool || result.isError, "\(text) \(value)")
            }
        }
    }

    @Test("Texts that are no UTF-8 go through every function")
    func brokenTexts() throws {
        final class Broken: AttributeBag {
            let bytes = ByteBuffer(capacity: 16)
            override func value(of id: AttributeID) -> Value { .string(self.bytes.view) }
        }
        let bag = Broken()
        for byte: UInt8 in [0x61, 0xFF, 0xC3, 0xE2, 0x82, 0x00, 0xED, 0xA0, 0x80, 0xF0, 0x9F] {
            bag.bytes.append(byte)
        }
        let evaluator = Evaluator()
        for (text, wanted) in [
            ("request.path.size() == 11", true), ("request.path.reverse().reverse() == request.path", true),
            ("request.path.charAt(1).size() == 1", true), ("request.path.split('').size() == 11", true),
            ("request.path.substring(1).size() == 10", true),
            ("request.path.indexOf(request.path.charAt(2)) == 2", true),
            ("request.path.trim() == request.path", true), ("request.path.matches('^a')", true),
            ("request.path.replace('', '').size() == 11", true), ("request.path.contains('\\u00e9')", false),
            ("request.path.lowerAscii() == request.path", true),
            ("strings.quote(request.path).size() > 2", true),
            ("string(bytes(request.path)) == 'a' || true", true),
            ("'%s'.format([request.path]) == request.path", true),
            ("request.path.lastIndexOf('a') == 0", true),
            ("bytes(request.path) == bytes(request.path)", true),
        ] {
            let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
            let result = expression.evaluate(bag, with: evaluator)
            #expect(result.asBool == wanted, "\(text) \(String(describing: result.error))")
        }
    }

    @Test("holds() answers for conditions only")
    func conditions() throws {
        let evaluator = Evaluator()
        for (text, wanted) in [("1 < 2", true), ("1 > 2", false), ("request.id == 'a'", nil), ("1 + 1", nil)]
            as [(String, Bool?)]
        {
            let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
            #expect(expression.holds(BoundValues(), with: evaluator) == wanted)
        }
    }

    @Test("append() writes a text as it is, others as string() does, nothing for an error")
    func appending() throws {
        let buffer = ByteBuffer(capacity: 16)
        let evaluator = Evaluator()
        let bag = BoundValues()
        for (text, wanted) in [
            ("'a' + 'b'", "ab"), ("1 + 1", "2"), ("1.5", "1.5"), ("true", "true"), ("[1, 'a']", "[1, a]"),
            ("{'b': 1, 'a': 2u}", "{a: 2, b: 1}"), ("duration('90s')", "90s"), ("request.id", ""),
            ("timestamp('2026-01-02T03:04:05.25Z')", "2026-01-02T03:04:05.25Z"), ("ip('::1')", "::1"),
        ] {
            buffer.reset()
            let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
            expression.append(bag, with: evaluator, to: buffer)
            #expect(buffer.view.string == wanted)
        }
    }
}

extension String {
    /// `self` with macros around each other: the innermost body is `x`.
    func repeated(_ wrap: (String) -> String) -> String {
        var body = "x"
        for _ in 0..<6 { body = "\(self)\(wrap(body))" }
        return body
    }

    /// `cel.bind` upon `cel.bind`: each variable is twice the one before.
    static func doubled(_ expression: String, _ times: Int, _ last: String = "a == a") -> String {
        (0..<times).reduce(last) { body, _ in "cel.bind(a, \(expression), \(body))" }
    }
}
