internal import Foundation
internal import GatewayConfig
internal import Testing

@Suite struct PluginSchemaTests {
    /// A schema as `key-auth` has one.
    static let keyAuth = """
        {"$schema": "https://json-schema.org/draft/2020-12/schema",
         "type": "object", "additionalProperties": false, "required": ["keys"], "properties": {
           "header": {"type": "string", "pattern": "^[a-z-]+$", "default": "x-api-key"},
           "mode": {"enum": ["strict", "lax"]},
           "limit": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
           "ratio": {"type": "number", "maximum": 0.5},
           "keys": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"$ref": "#/$defs/key"}}},
         "$defs": {"key": {"type": "object", "additionalProperties": false, "required": ["name", "key"],
           "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 5},
             "key": {"type": "string", "writeOnly": true, "minLength": 8, "pattern": "^[a-z0-9]+$"}}}}}
        """

    private func tree(_ yaml: String) throws -> ConfigNode {
        let reading = ConfigDocument.read(Array(yaml.utf8), as: .yaml)
        #expect(reading.problems.isEmpty)
        return try #require(reading.root)
    }

    private func messages(_ schema: String, _ yaml: String) throws -> [String] {
        try PluginSchema(json: schema).validate(try self.tree(yaml)).map(\.description)
    }

    @Test("Accepts what fits, with secrets as texts, files or environment variables")
    func accepts() throws {
        let found = try self.messages(
            Self.keyAuth,
            "{ limit: 9, ratio: 0.5, mode: lax, keys: [{ name: a, key: abcdefgh }, "
                + "{ name: b, key: { env: B } }, { name: c, key: { file: c.txt } }] }"
        )
        #expect(found == [])
    }

    @Test("Reports every problem with its place, and the nearest key for an unknown one")
    func reports() throws {
        let found = try self.messages(
            Self.keyAuth,
            """
            heder: x
            header: X-Key
            mode: hard
            limit: 10
            ratio: 0.6
            keys:
              - name: ""
                key: abcdefgh
              - name: toolong
                key: abcdefgh
              - { name: a }
              - 7
            """
        )
        #expect(
            found == [
                "1:1: heder: unknown key; did you mean `header`?",
                "2:9: header: must match `^[a-z-]+$`, got \"X-Key\"",
                "3:7: mode: must be one of `strict`, `lax`, got \"hard\"",
                "4:8: limit: must be less than 10, got 10",
                "5:8: ratio: must be at most 0.5, got 0.6",
                "7:11: keys[0].name: must not be empty",
                "9:11: keys[1].name: must have at most 5 characters",
                "11:5: keys[2]: `key` is missing",
                "12:5: keys[3]: must be an object, got 7",
            ]
        )
    }

    @Test(
        "Never shows what was given for a secret",
        arguments: [
            "key: hunter2", "key: HUNTER2HUNTER2", "key: { hunter2: 1 }", "key: { env: A, file: hunter2 }",
        ]
    )
    func hidesSecrets(line: String) throws {
        let found = try self.messages(Self.keyAuth, "keys: [{ name: a, \(line) }]")
        #expect(!found.isEmpty)
        #expect(!found.joined().lowercased().contains("hunter2"))
    }

    @Test("Puts secrets from files and the environment in place, and prints them only when asked")
    func resolves() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "fromfile1\n".write(to: folder.appendingPathComponent("key"), atomically: true, encoding: .utf8)
        let config = try self.tree(
            "keys: [{ name: a, key: literal1 }, { name: b, key: { env: KEY } }, "
                + "{ name: c, key: { file: key } }]"
        )
        let resolved = try PluginSchema(json: Self.keyAuth).resolve(config, directory: folder.path) {
            $0 == "KEY" ? "fromenv1" : nil
        }
        #expect(resolved.problems == [])
        let given = resolved.config.json(secrets: .revealed)
        for secret in ["literal1", "fromenv1", "fromfile1"] { #expect(given.contains("\"\(secret)\"")) }
        for text in [resolved.config.json(), "\(resolved.config)", String(reflecting: resolved.config)] {
            for secret in ["literal1", "fromenv1", "fromfile1"] { #expect(!text.contains(secret)) }
        }
    }

    @Test("Says which variable or file is missing, and checks what was found")
    func resolutionProblems() throws {
        let config = try self.tree(
            "keys: [{ name: a, key: { env: NO } }, { name: b, key: { file: nothing } }]")
        let schema = try PluginSchema(json: Self.keyAuth)
        let missing = schema.resolve(config, directory: "/nowhere") { _ in nil }
        #expect(
            missing.problems.map(\.description) == [
                "1:24: keys[0].key: the environment variable `NO` is not set",
                "1:55: keys[1].key: /nowhere/nothing: No such file or directory",
            ]
        )
        let short = schema.resolve(try self.tree("keys: [{ name: a, key: { env: A } }]"), directory: "") {
            _ in "S!"
        }
        #expect(
            short.problems.map(\.message) == [
                "must have at least 8 characters", "must match `^[a-z0-9]+$`, got a string",
            ]
        )
    }

    @Test("Redacts literal secrets and keeps references to secrets")
    func redacts() throws {
        let config = try self.tree("keys: [{ name: a, key: literal1 }, { name: b, key: { env: KEY } }]")
        let shown = try PluginSchema(json: Self.keyAuth).redacted(config).json()
        #expect(shown == #"{"keys":[{"name":"a","key":"<redacted>"},{"name":"b","key":{"env":"KEY"}}]}"#)
    }

    @Test("Redacts a secret that any form of oneOf or anyOf has")
    func redactsInForms() throws {
        let schema = """
            {"oneOf": [{"type": "string"},
                {"type": "object", "properties": {"password": {"anyOf": [{"$ref": "#/$defs/s"}]}}}],
             "$defs": {"s": {"type": "string", "writeOnly": true}}}
            """
        let shown = try PluginSchema(json: schema).redacted(try self.tree("password: hunter2")).json()
        #expect(shown == #"{"password":"<redacted>"}"#)
    }

    @Test("Explains the form of oneOf that was meant, or names the forms")
    func forms() throws {
        let schema = """
            {"oneOf": [{"title": "a name", "type": "string"}, {"title": "an object", "type": "object",
             "properties": {"n": {"type": "integer"}}}]}
            """
        #expect(try self.messages(schema, "n: x") == ["1:4: n: must be a whole number, got \"x\""])
        #expect(
            try self.messages(schema, "7") == ["1:1: fits none of the 2 allowed forms: a name, an object"])
        let both = #"{"oneOf": [{"type": "integer"}, {"type": "number"}], "minimum": 0}"#
        #expect(try self.messages(both, "1") == ["1:1: fits 2 of the forms that exclude each other"])
    }

    @Test("Takes 1.0 for an integer and for the same as 1, as JSON Schema does")
    func numbers() throws {
        #expect(try self.messages(#"{"type": "integer", "const": 1}"#, "1.0") == [])
        #expect(try self.messages(#"{"type": "integer"}"#, "1.5").count == 1)
    }

    @Test(
        "Refuses schemas that it cannot hold a value against",
        arguments: [
            (#"{"format": "uri"}"#, "1:2: format: the keyword `format` is not supported"),
            (#"{"type": "int"}"#, "must be `null`, `boolean`, `integer`"),
            (#"{"properties": {"a": {"pattern": "("}}}"#, "properties.a.pattern: is no valid expression"),
            (##"{"$ref": "#/$defs/none"}"##, "must be `#` or `#/$defs/NAME` with a name that is there"),
            (##"{"anyOf": [{"$ref": "#"}]}"##, "a `$ref` leads to itself"),
            (#"{"writeOnly": true}"#, "`writeOnly` needs `type: string`"),
            (#"{"minLength": -1}"#, "must be a whole number of at least 0, got -1"),
            (#"{"required": "a"}"#, "must be a list"),
            (#"[]"#, "a schema must be an object, true or false, got a list"),
            (#"{"type": }"#, "expected a JSON value"),
        ]
    )
    func refusesSchemas(schema: String, why: String) throws {
        let error = #expect(throws: PluginSchemaError.self) { try PluginSchema(json: schema) }
        #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
    }

    @Test("Follows a schema that contains itself")
    func recursion() throws {
        let schema =
            ##"{"type": "object", "properties": {"child": {"$ref": "#"}}, "additionalProperties": false}"##
        #expect(try self.messages(schema, "child: { child: { child: {} } }") == [])
        #expect(try self.messages(schema, "child: { child: { kid: {} } }").count == 1)
    }
}
