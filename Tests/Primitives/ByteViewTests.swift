import Primitives
import Testing

@Suite struct ByteViewTests {
    @Test(
        "Compares without case whatever the length, and only letters",
        arguments: [
            ("", "", true), ("a", "A", true), ("content-length", "Content-LENGTH", true),
            ("abcdefghi", "ABCDEFGHI", true),
            ("abcdefgh@", "ABCDEFGH`", false), ("abcdefgh[", "abcdefgh{", false), ("a", "b", false),
            ("a", "ab", false),
            ("abcdefghi", "abcdefghj", false),
        ]
    )
    func equalsIgnoringCase(a: String, b: String, expected: Bool) {
        #expect(a.withByteView { a in b.withByteView { a.equalsIgnoringCase($0) } } == expected)
    }

    @Test(
        "Reads decimal digits and refuses everything else",
        arguments: [
            ("0", 0), ("007", 7), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil),
            ("", nil),
            ("-1", nil), ("+1", nil), ("1 ", nil), ("0x1", nil), ("1234567890123456789012", nil),
        ] as [(String, UInt64?)]
    )
    func decimal(text: String, expected: UInt64?) { #expect(text.withByteView { $0.decimal() } == expected) }

    @Test("Trims spaces and tabs at both ends only")
    func trimmed() {
        #expect(ByteView(" \t a b\t ").trimmed() == "a b")
        #expect(ByteView(" \t").trimmed().isEmpty)
        #expect(ByteView("\ra").trimmed() == "\ra")
    }

    @Test("Slices, prefixes and searches stay within the view")
    func slices() {
        let view = ByteView("abcdef")
        #expect(view[1..<3] == "bc")
        #expect(view.dropFirst(6).isEmpty)
        #expect(view.hasPrefix(ByteView("abc")))
        #expect(!view[0..<2].hasPrefix(ByteView("abc")))
        #expect(view[0..<2].firstIndex(of: UInt8(ascii: "c")) == nil)
        #expect(view.firstIndex(of: UInt8(ascii: "c")) == 2)
    }
}
