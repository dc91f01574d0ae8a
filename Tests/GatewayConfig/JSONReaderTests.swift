internal import GatewayConfig
internal import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) -> ConfigDocument.Reading {
        ConfigDocument.read(Array(text.utf8), as: .json)
    }

    @Test(
        "Reads every kind of value and writes it back",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "1.5", "-0.25", "\"\"", "[]", "{}",
            #"{"a":[1,{"b":null}],"c":"d"}"#, #""\"\\\n\r\t\u0001\u007f""#, #""日本€""#,
        ]
    )
    func roundTrip(text: String) {
        let reading = self.read(text)
        #expect(reading.problems == [])
        #expect(reading.root?.json() == text)
    }

    @Test("Joins surrogate pairs, which libyaml refuses")
    func surrogates() {
        #expect(self.read(#""\ud83d\ude00\u00e9\/""#).root?.value == .string("😀é/"))
    }

    @Test("Takes numbers beyond 64 bits as the nearest floating-point number")
    func largeNumbers() {
        #expect(self.read("9223372036854775808").root?.value == .number(9223372036854775808))
        #expect(self.read("1e3").root?.value == .number(1000))
    }

    @Test(
        "Refuses what is no JSON",
        arguments: [
            "", " ", "01", "1.", ".5", "+1", "-", "1e", "1e999", "tru", "nulll", "'a'", "[1,]", "[1 2]", "[",
            "{",
            #"{"a"}"#, #"{"a":1,}"#, #"{a:1}"#, #"{1:1}"#, #""a"#, "\"a\nb\"", #""\x""#, #""\u12g4""#,
            #""\ud800""#,
            #""\udc00""#, #""\ud800\u0041""#, #""\u0000""#, "1 2", "// x\n1", "NaN", "Infinity", "\u{0}",
        ]
    )
    func refuses(text: String) {
        let reading = self.read(text)
        #expect(reading.root == nil)
        #expect(reading.problems.count == 1)
    }

    @Test("Refuses malformed UTF-8 and names the place, in characters")
    func malformedText() {
        let reading = ConfigDocument.read(Array("\"aé\n\"".utf8.dropLast()) + [0xFF], as: .json)
        #expect(reading.problems.first?.description == "2:1: the text is not valid UTF-8")
        let overlong = ConfigDocument.read([0x22, 0xC3, 0xA9, 0xC0, 0xAF, 0x22], as: .json)
        #expect(overlong.problems.first?.description == "1:3: the text is not valid UTF-8")
    }

    @Test("Counts columns in characters, not bytes")
    func columns() {
        let reading = self.read("{\"日本\": [1, x]}")
        #expect(reading.problems.map(\.description) == ["1:12: [\"日本\"][1]: expected a JSON value"])
    }

    @Test("Refuses nesting beyond 64 levels instead of exhausting the stack")
    func depth() {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(self.read(deepest).problems == [])
        let deeper = String(repeating: "[", count: 100_000)
        #expect(self.read(deeper).problems.first?.message == "nested deeper than 64 levels")
    }

    @Test("Refuses a file beyond 16 MiB")
    func size() {
        let bytes = [UInt8](repeating: 0x20, count: (16 << 20) + 1)
        #expect(
            ConfigDocument.read(bytes, as: .json).problems.first?.message.contains("at most 16 MiB") == true)
    }

    @Test("Skips a byte order mark")
    func byteOrderMark() {
        #expect(self.read("\u{FEFF}{}").root?.json() == "{}")
    }
}
