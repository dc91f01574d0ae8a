import Testing

@testable import Expressions

@Suite struct RuleTests {
    private static let request = """
        {"request.path": "/api/v1", "request.headers": {"x-user": "jason", "empty": ""}, "response.code": 503,
         "source.ip": "10.1.2.3", "request.time": "2026-03-04T05:06:07Z", "response.duration": "1.5s"}
        """

    @Test(
        "An attribute, or an entry of a map, that is absent has what stands behind '|' for it",
        arguments: [
            ("request.id | \"none\"", "\"none\""), ("request.path | \"none\"", "\"/api/v1\""),
            ("request.headers[\"x-user\"] | \"nobody\"", "\"jason\""),
            ("request.headers[\"x-team\"] | \"nobody\"", "\"nobody\""),
            ("request.headers.team | request.id | \"c\"", "\"c\""),
            ("request.headers[\"empty\"] | \"b\"", "\"\""),
            ("(request.size + 1) | 7", "7"), ("request.size | 1 + 2", "3"), ("request.size | 3 == 3", "true"),
            ("request.id + \"x\" | \"b\" + \"c\"", "\"bc\""),
            ("response.code / 0 | 5", "error: division by zero"),
            ("request.headers[\"a\"] | request.headers[\"b\"] | \"c\"", "\"c\""),
            ("request.id | request.id", "error: absent attribute: request.id"),
        ])
    func substitution(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, Self.request) == wanted)
    }

    @Test("'|' is no operator of CEL")
    func onlyInRules() {
        #expect(EvaluatedText.problems("1 | 2", mode: .standard).first?.contains("rules only") == true)
    }

    @Test(
        "has() says whether an attribute or an entry is there",
        arguments: [
            ("has(request.path)", "true"), ("has(request.id)", "false"),
            ("has(request.headers.empty)", "true"),
            ("has(request.headers.nobody)", "false"), ("has(request.headers.`x-user`)", "true"),
            ("has(request.headers)", "true"),
        ])
    func presence(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, Self.request) == wanted)
        // Without any attribute nothing is there, and nothing is an error.
        #expect(try EvaluatedText.value(text) == "false")
    }

    @Test(
        "An absent attribute is an error unless && or || settle the result without it",
        arguments: [
            ("request.id == \"a\"", "error: absent attribute: request.id"),
            ("request.id == \"a\" || true", "true"), ("true || request.id == \"a\"", "true"),
            ("request.id == \"a\" && false", "false"),
            ("request.id == \"a\" && true", "error: absent attribute: request.id"),
            ("request.headers[\"nobody\"] == \"a\"", "error: absent attribute: nobody"),
            ("\"nobody\" in request.headers", "false"), ("\"x-user\" in request.headers", "true"),
        ])
    func absence(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, Self.request) == wanted)
    }

    @Test(
        "Mixer's functions",
        arguments: [
            ("match(request.path, \"/api*\")", "true"), ("match(request.path, \"*v1\")", "true"),
            ("match(request.path, \"/*/v1\")", "true"), ("match(request.path, \"*a*i*1\")", "true"),
            ("match(request.path, \"/api\")", "false"), ("match(\"\", \"*\")", "true"),
            ("match(\"a\", \"\")", "false"),
            ("match(\"aab\", \"a*ab\")", "true"), ("match(\"ab\", \"a*ab\")", "false"),
            ("conditionalString(response.code >= 500, \"bad\", \"good\")", "\"bad\""),
            ("source.ip == ip(\"10.1.2.3\")", "true"), ("cidr(\"10.0.0.0/8\").containsIP(source.ip)", "true"),
            ("request.time < timestamp(\"2027-01-01T00:00:00Z\")", "true"),
            ("response.duration > duration(\"1s\")", "true"),
            ("milliseconds(duration(\"1.0239s\"))", "1023"), ("milliseconds(duration(\"-1.5ms\"))", "-1"),
            ("dnsName(\"a.example.com\")", "\"a.example.com\""),
            ("uri(\"https://a/b\")", "\"https://a/b\""),
            ("email(\"a.b@example.com\")", "\"a.b@example.com\""),
            ("emptyStringMap() == {}", "true"), ("string(source.ip)", "\"10.1.2.3\""),
        ])
    func functions(text: String, wanted: String) throws {
        #expect(try EvaluatedText.value(text, Self.request) == wanted)
    }

    @Test("What cannot be read at all is found when a rule is compiled")
    func constants() {
        for text in [
            "source.ip == ip(\"10.1.2\")", "request.time < timestamp(\"2027\")",
            "response.duration > duration(\"1\")",
            "cidr(\"10.0.0.0/33\").containsIP(source.ip)", "dnsName(\"a..b\") == \"\"",
            "email(\"a\") == \"\"",
            "uri(\"a b\") == \"\"", "request.path.matches(\"(\")",
        ] {
            #expect(EvaluatedText.problems(text).count == 1, "\(text)")
        }
    }

    @Test("A whole STRING_MAP can be compared, counted and gone over")
    func maps() throws {
        for text in [
            "request.headers == {\"x-user\": \"jason\", \"empty\": \"\"}", "size(request.headers) == 2",
            "request.headers.size() == 2", "request.headers.exists(name, name == \"empty\")",
            "request.headers.all(name, value, name != value)", "[request.headers].size() == 1",
            "request.headers.map(name, name).join(\",\") == \"x-user,empty\"",
            "type(request.headers) == map",
            "\"%s\".format([request.headers]) == \"{empty: , x-user: jason}\"",
            "cel.bind(h, request.headers, h[\"x-user\"] == \"jason\" && h == request.headers)",
        ] {
            #expect(try EvaluatedText.value(text, Self.request) == "true", "\(text)")
        }
    }
}
