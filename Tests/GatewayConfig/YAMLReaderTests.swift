internal import GatewayConfig
internal import Testing

@Suite struct YAMLReaderTests {
    private func read(_ text: String) -> ConfigDocument.Reading {
        ConfigDocument.read(Array(text.utf8), as: .yaml)
    }

    @Test(
        "Gives plain scalars the meaning of YAML 1.2, not of 1.1",
        arguments: [
            ("yes", ConfigNode.Value.string("yes")), ("no", .string("no")), ("on", .string("on")),
            ("off", .string("off")),
            ("y", .string("y")), ("true", .bool(true)), ("False", .bool(false)), ("tRUE", .string("tRUE")),
            ("~", .null), ("null", .null), ("", .null), ("0123", .integer(123)), ("0o17", .integer(15)),
            ("0x1F", .integer(31)), ("0x-1", .string("0x-1")), ("0b11", .string("0b11")),
            ("1_000", .string("1_000")),
            ("12:30:45", .string("12:30:45")), ("2024-01-01", .string("2024-01-01")), ("-7", .integer(-7)),
            ("+7", .integer(7)),
            ("1.5", .number(1.5)), ("-.5", .number(-0.5)), ("1.", .number(1)), ("1e3", .number(1000)),
            (".", .string(".")),
            ("1e", .string("1e")), ("-", .string("-")), ("'1'", .string("1")), ("\"true\"", .string("true")),
            ("18446744073709551616", .number(18446744073709551616)),
        ]
    )
    func scalars(text: String, value: ConfigNode.Value) {
        // A lone `-` would begin a list at the top.
        let reading = self.read(text == "-" ? "[\"-\"]" : "[\(text)]")
        let expected = text.isEmpty ? ConfigNode.Value.array([]) : .array([ConfigNode(value)])
        #expect(reading.root?.value == expected)
    }

    @Test("Repeats an anchor's value under the alias's path, with the lines where it is written")
    func aliases() throws {
        let root = try #require(self.read("a: &x\n  b: [1]\nc: *x\n").root)
        #expect(root.json() == #"{"a":{"b":[1]},"c":{"b":[1]}}"#)
        let copied = root.nearest(toPointer: "/c/b/0")
        #expect(copied.location == ConfigLocation(path: "c.b[0]", line: 2, column: 7))
    }

    @Test("Bounds what aliases of aliases may grow to")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        #expect(self.read(text).problems.map(\.message) == ["aliases repeat more than 100000 values"])
    }

    @Test("Refuses an alias within its own anchor")
    func selfReference() {
        #expect(self.read("a: &a [*a]").problems.first?.message == "no anchor `a` stands before this alias")
    }

    @Test("Bounds how deep aliases nest")
    func aliasDepth() {
        var text = "a0: &a0 [x]\n"
        for level in 1...70 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(self.read(text).problems.first?.message == "nested deeper than 64 levels")
    }

    @Test("Refuses nesting beyond 64 levels", arguments: ["[", "{a: "])
    func depth(open: String) {
        let text = String(repeating: open, count: 5000)
        #expect(self.read(text).problems.first?.message == "nested deeper than 64 levels")
    }

    @Test("Reads JSON that stands in a YAML file, block texts and comments")
    func forms() {
        let reading = self.read("# c\na: {\"b\": [1, 2]}\nc: |\n  x\n  y\nd: >-\n  e\n  f\n")
        #expect(reading.root?.json() == #"{"a":{"b":[1,2]},"c":"x\ny\n","d":"e f"}"#)
    }

    @Test("Refuses UTF-16 and U+0000")
    func encodings() {
        #expect(
            ConfigDocument.read([0xFE, 0xFF, 0, 0x61], as: .yaml).problems.first?.message
                == "the text is not valid UTF-8")
        #expect(self.read(#"a: "\0""#).problems.first?.message == "a text must not hold U+0000")
    }

    @Test("Takes the ending, else the first character, for the format")
    func formats() {
        let json = Array("{\"a\": \"\\ud83d\\ude00\"}".utf8)
        #expect(ConfigDocument.read(json, fileName: "a.json").problems == [])
        #expect(ConfigDocument.read(json, fileName: "a").problems == [])
        #expect(!ConfigDocument.read(json, fileName: "a.yaml").problems.isEmpty)
        #expect(ConfigDocument.read(Array("a: b".utf8), fileName: "a").problems == [])
    }
}
