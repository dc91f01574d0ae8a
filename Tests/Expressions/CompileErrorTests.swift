import Testing

@testable import Expressions

@Suite struct CompileErrorTests {
    @Test(
        "A problem names what was found, where, and what is allowed",
        arguments: [
            ("request.pth == \"/\"", "1:1: unknown attribute 'request.pth'; did you mean 'request.path'?"),
            ("nothing.like.this", "1:1: unknown attribute 'nothing.like.this'"),
            (
                "request.path.startWith(\"/\")",
                "1:14: unknown function 'startWith'; did you mean 'startsWith'?"
            ),
            ("request.size + \"a\"", "1:14: '+' cannot be applied to int and string"),
            ("request.path == 1", "1:14: '==' cannot be applied to string and int"),
            ("!request.size", "1:1: '!' cannot be applied to int"),
            ("\"a\" in request.path", "1:5: 'in' cannot be applied to string and string"),
            (
                "size(request.size)",
                "1:1: there is no size(int); there is size(string), size(bytes), size(list(A)), "
                    + "size(map(A, B))"
            ),
            (
                "request.path.size(1)",
                "1:14: there is no string.size(int); there is string.size(), bytes.size(), "
                    + "list(A).size(), map(A, B).size()"
            ),
            ("request.size.foo", "1:14: int has no field 'foo'"),
            ("request.size.exists(x, true)", "1:9: a macro goes over a list or a map, not int"),
            ("list.exists(x, x)", "1:16: the condition must be bool, is int"),
            ("list.exists(x.y, true)", "1:15: a macro's variable is a simple name"),
            ("has(request)", "1:1: has() takes one selection, such as has(request.headers.host)"),
            ("true ? 1 : \"a\"", "1:6: '? :' needs a bool and two values of one type, has bool, int, string"),
            ("Foo{a: 1}", "1:1: 'Foo' is no type: expressions have no protobuf messages of their own"),
            ("1 +", "1:4: expected an expression, found the end of the expression"),
            ("(1", "1:3: expected ')', found the end of the expression"),
            ("1 2", "1:3: expected an operator or the end, found '2'"),
            ("a.?b", "1:3: optional values ('.?') are not supported"),
            ("\"abc", "1:1: the text has no end"), ("\"a\\q\"", "1:3: unknown escape in a text"),
            ("9223372036854775808", "1:1: 9223372036854775808 is no 64-bit integer"),
            ("12a", "1:1: '12a' is no number"), ("a # b", "1:3: '#' is no part of an expression"),
            ("while + 1", "1:1: 'while' is a reserved word"),
            ("f(1,)", "1:5: expected an expression, found ')'"),
        ])
    func messages(text: String, wanted: String) {
        #expect(EvaluatedText.problems(text) == [wanted])
    }

    @Test("All problems are reported, in the order of their places, with a caret below each")
    func excerpt() throws {
        let text = "request.pth == \"/\" &&\n\trespons.code > 5"
        let error = #expect(throws: CompileError.self) {
            try Expression.compile(text, EvaluatedText.manifest, mode: .rules)
        }
        #expect(
            error?.excerpt == """
                1:1: unknown attribute 'request.pth'; did you mean 'request.path'?
                  request.pth == "/" &&
                  ^
                2:2: unknown attribute 'respons.code'; did you mean 'response.code'?
                  \trespons.code > 5
                  \t^
                """)
        #expect(error?.problems.map(\.offset) == [0, 23])
    }

    @Test("Columns count characters, offsets bytes")
    func characters() throws {
        let error = #expect(throws: CompileError.self) {
            try Expression.compile("'äöü' + 1", EvaluatedText.manifest, mode: .rules)
        }
        #expect(error?.problems.first?.column == 7)
        #expect(error?.problems.first?.offset == 9)
    }

    @Test("The type that the place needs is checked")
    func expectedType() {
        #expect(
            EvaluatedText.problems("request.size", expecting: .bool) == [
                "1:1: the expression must be bool, is int"
            ])
        #expect(EvaluatedText.problems("dyn(request.size)", expecting: .bool) == [])
        #expect(EvaluatedText.problems("request.size == 1", expecting: .bool) == [])
    }

    @Test("Nesting and length have limits, and no text overflows the stack")
    func limits() {
        func nested(_ count: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
        }
        #expect(EvaluatedText.problems(nested(200, "(", ")")) == [])
        for text in [
            nested(300, "(", ")"), nested(10_000, "(", ")"), nested(10_000, "[", "]"),
            nested(10_000, "-(", ")"),
            nested(10_000, "!", ""), nested(10_000, "{1:", "}"), nested(5000, "1 ? 1 : ", ""),
            nested(10_000, "1 + ", ""), nested(5000, "size([", "])"),
            "1" + String(repeating: ".a", count: 10_000),
            "a" + String(repeating: "[0]", count: 10_000), String(repeating: "(", count: 60_000),
        ] {
            let problems = EvaluatedText.problems(text)
            #expect(
                problems.count == 1 && problems[0].contains("250 levels"), "\(problems) \(text.prefix(20))")
        }
        let long = String(repeating: "true && ", count: 5000) + "true"
        #expect(EvaluatedText.problems(long) == [])
        let tooLong = "\"" + String(repeating: "a", count: 70_000) + "\""
        #expect(
            EvaluatedText.problems(tooLong) == ["1:1: an expression has at most 65536 bytes, this has 70002"])
    }
}
