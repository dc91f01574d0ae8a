import Testing

@testable import Expressions

@Suite struct LanguageTests {
    @Test(
        "Numbers, texts and times are written as documented",
        arguments: [
            ("string(1.0)", "\"1\""), ("string(0.1)", "\"0.1\""), ("string(-0.0)", "\"-0\""),
            ("string(1e21)", "\"1e+21\""),
            ("string(123456.0)", "\"123456\""), ("string(1234567.0)", "\"1.234567e+06\""),
            ("string(5e-324)", "\"5e-324\""),
            ("string(0.0001)", "\"0.0001\""), ("string(0.00001)", "\"1e-05\""),
            ("string(double('NaN'))", "\"NaN\""),
            ("'%d'.format([1234567.5])", "\"1234567.5\""),
            ("'%s'.format([1e21])", "\"1000000000000000000000\""),
            ("'%.1f'.format([0.25])", "\"0.2\""), ("'%e'.format([0])", "\"0.000000e+00\""),
            ("'%x'.format([-255])", "\"-ff\""),
            ("string(duration('-1500ms'))", "\"-1.5s\""),
            ("string(duration('1h1m1s1ms1us1ns'))", "\"3661.001001001s\""),
            ("string(timestamp('2026-01-02T03:04:05.100+02:00'))", "\"2026-01-02T01:04:05.1Z\""),
            ("string(timestamp(-1))", "\"1969-12-31T23:59:59Z\""), ("int(duration('1s'))", "1000000000"),
            ("string(cidr('10.0.0.0/8'))", "\"10.0.0.0/8\""), ("base64.encode(b'ab')", "\"YWI=\""),
            ("base64.decode('YWI')", "\"YWI=\""), ("math.greatest(1, 2.5, 2u)", "2.5"),
            ("math.least([3, 1, 2])", "1"),
        ])
    func texts(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, mode: .standard) == wanted)
    }

    @Test(
        "What has no value is an error that says why",
        arguments: [
            ("1 / 0", "division by zero"), ("9223372036854775807 + 1", "overflow"),
            ("[1][1]", "index out of range"),
            ("{'a': 1}['b']", "no such key: b"), ("{'a': 1, 'a': 2}", "repeated key"),
            ("int('x')", "invalid argument: x"),
            ("int(1e30)", "out of range"), ("dyn(1) + 'a'", "no such overload"),
            ("'a'.charAt(2)", "index out of range"),
            ("timestamp('2026-02-29T00:00:00Z')", "invalid argument: 2026-02-29T00:00:00Z"),
            ("duration('1')", "invalid argument: 1"), ("'%q'.format([1])", "invalid argument: %q"),
            ("math.greatest([])", "invalid argument"),
            ("timestamp(0).getHours('Nowhere')", "invalid argument: Nowhere"),
            ("duration('300000h') + duration('2500000h')", "overflow"), ("'a'.matches('(')", nil),
            ("ip('1.2.3.4/8')", "invalid argument: 1.2.3.4/8"), ("base64.decode('a')", "invalid argument: a"),
        ] as [(String, String?)])
    func errors(text: String, wanted: String?) throws {
        guard let wanted else {
            #expect(EvaluatedText.problems(text, mode: .standard).count == 1)
            return
        }
        #expect(try EvaluatedText.value(text, mode: .standard) == "error: \(wanted)")
    }

    @Test("No number makes a function trap")
    func extremes() throws {
        let numbers = ["-9223372036854775808", "9223372036854775807", "-1", "0"]
        for number in numbers {
            for text in [
                "'abc'.replace('b', 'x', \(number))", "'abc'.split('b', \(number))",
                "'abc'.substring(\(number))",
                "'abc'.substring(0, \(number))", "'abc'.charAt(\(number))", "'abc'.indexOf('c', \(number))",
                "'abc'.lastIndexOf('c', \(number))", "[1][\(number)]", "timestamp(\(number)).getFullYear()",
                "math.bitShiftLeft(\(number), \(number))", "math.abs(\(number))", "-(\(number))",
                "\(number) / -1", "\(number) % -1", "'%x %d %b'.format([\(number), \(number), \(number)])",
                "string(\(number))", "double(\(number))", "uint(\(number))",
                "'abc'.replace('', '-', \(number))",
            ] {
                _ = try EvaluatedText.value(text, mode: .standard)
            }
        }
    }

    @Test("Errors know where they came from")
    func places() throws {
        let text = "request.size == 1 ||\n  1 / request.size > 2"
        let expression = try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
        final class Zero: AttributeBag {
            override func value(of id: AttributeID) -> Value { .int(0) }
        }
        let evaluator = Evaluator()
        let error = try #require(expression.evaluate(Zero(), with: evaluator).error)
        #expect(error.code == .divisionByZero)
        #expect(expression.excerpt(of: error) == "2:5: division by zero\n    1 / request.size > 2\n      ^")
    }

    @Test(
        "Macros of two variables and bindings",
        arguments: [
            ("{'a': 1}.transformMapEntry(k, v, {v: k})", "{\"1\": \"a\"}"),
            ("{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})", "error: repeated key"),
            ("[3, 4].transformMap(i, v, v > 3, v * 2)", "{\"1\": 8}"),
            ("[1, 2].all(i, v, v == i + 1)", "true"), ("[5, 6].exists_one(i, v, i == 1)", "true"),
            ("cel.bind(x, 1 / 0, true)", "true"), ("cel.bind(x, 2, [1, 2].exists(y, y == x))", "true"),
            ("[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"),
            ("[[1], [2]].map(x, x.map(y, y + 1))", "[[2], [3]]"),
        ])
    func macros(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, mode: .standard) == wanted)
    }

    @Test("Large maps are found by their keys, whatever the numbers' kinds")
    func largeMaps() throws {
        let entries = (0..<200).map { "\($0): \($0 * 2)" }.joined(separator: ", ")
        #expect(
            try EvaluatedText.value("{\(entries)}[dyn(150u)] + {\(entries)}[dyn(7.0)]", mode: .standard)
                == "314")
        #expect(try EvaluatedText.value("200 in {\(entries)}", mode: .standard) == "false")
        #expect(try EvaluatedText.value("{\(entries), 150: 1}", mode: .standard) == "error: repeated key")
        #expect(try EvaluatedText.value("{\(entries)} == {\(entries)}", mode: .standard) == "true")
    }

    @Test("A deep search for a text that almost fits everywhere is linear")
    func search() throws {
        let text =
            "'\(String(repeating: "a", count: 30_000))'.contains('\(String(repeating: "a", count: 15_000))b')"
        #expect(try EvaluatedText.value(text, mode: .standard) == "false")
        let found =
            "'\(String(repeating: "a", count: 30_000))b'.indexOf('\(String(repeating: "a", count: 9_000))b')"
        #expect(try EvaluatedText.value(found, mode: .standard) == "21000")
    }
}
