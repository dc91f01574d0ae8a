import PosternSDK
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test("What is read is written again with the numbers and the order that it had")
    func roundTrip() throws {
        let text = #"{"b":[1.50,-0,1e400,123456789012345678901234567890],"a":{"":null},"c":[true,false]}"#
        var written: [UInt8] = []
        try self.parse(" \(text)\n").write(to: &written)
        #expect(String(decoding: written, as: UTF8.self) == text)
    }

    @Test("Texts are escaped so that they are read again as they were")
    func escapes() throws {
        let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é😀"
        var written: [UInt8] = []
        JSONValue.string(text).write(to: &written)
        #expect(try JSONValue(parsing: written) == .string(text))
        #expect(!written.contains { $0 < 0x20 })
    }

    @Test("Members, texts and numbers are at hand; anything else is nil")
    func access() throws {
        let value = try self.parse(#"{"a":"x","n":12.5,"big":1e999}"#)
        #expect(value["a"]?.text == "x")
        #expect(value["n"]?.number == 12.5)
        #expect(value["n"]?.text == nil)
        #expect(value["big"]?.number == nil)
        #expect(value["z"] == nil)
        #expect(value["a"]?["b"] == nil)
    }

    @Test(
        "Anything that is not one JSON value is refused",
        arguments: ["", "{}{}", "{} x", #"{"a":1,"a":2}"#, "[1,]", "01", "\"\u{1}\"", #""\ud800""#, "nul"])
    func refused(_ text: String) {
        #expect(throws: ConfigProblem.self) { try self.parse(text) }
    }
}
