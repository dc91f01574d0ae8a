import Primitives
import Testing

@Suite struct IPAddressTests {
    private func read(_ text: String) -> IPAddress? { text.withByteView { IPAddress($0) } }

    @Test(
        "What is read is written in the usual spelling",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ]
    )
    func spelling(text: String, spelled: String) { #expect(self.read(text)?.text == spelled) }

    @Test(
        "Nothing else is an address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "[::1]", "::1%lo", "1.2.3.4\0", "a",
            ":::", "1.2.3.4 ",
        ])
    func refused(text: String) { #expect(self.read(text) == nil) }

    @Test("An IPv4 address within IPv6 can be taken out")
    func unmapped() {
        #expect(self.read("::ffff:1.2.3.4")?.unmapped == self.read("1.2.3.4"))
        #expect(self.read("::1")?.unmapped == self.read("::1"))
    }

    @Test(
        "A range has the addresses that begin alike",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("10.0.0.0/8", "::a00:1", false),
            ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false), ("1.2.3.4/31", "1.2.3.5", true), ("::/0", "::1", true),
            ("2001:db8::/32", "2001:db8:1::", true), ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::/64", "2001:db8::1:0:0:1", true), ("2001:db8::/96", "2001:db8::1:2", true),
            ("2001:db8::/96", "2001:db8::1:0:2", false), ("::1/128", "::1", true), ("::1", "::2", false),
        ] as [(String, String, Bool)]
    )
    func ranges(range: String, address: String, isIn: Bool) throws {
        let range = try #require(IPRange(range))
        #expect(range.contains(try #require(self.read(address))) == isIn)
    }

    @Test("A range is spelled as it was read, and refused with bits beyond its prefix")
    func rangeSpelling() {
        for text in ["10.0.0.0/8", "1.2.3.4", "2001:db8::/32", "::1", "0.0.0.0/0"] {
            #expect(IPRange(text)?.description == text)
        }
        for text in [
            "10.0.0.1/8", "1.2.3.4/", "1.2.3.4/33", "::/129", "::1/64", "1.2.3.4/+1", "/8", "1.2.3.4/8/8",
        ] {
            #expect(IPRange(text) == nil)
        }
    }
}
