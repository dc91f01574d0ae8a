import Filtering
import Primitives
import Testing

@Suite struct HeaderSyntaxTests {
    @Test("Exactly the token characters of RFC 9110 may stand in a name, wherever they stand")
    func names() {
        let allowed = Set(
            "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            for length in [1, 7, 8, 9, 17] {
                var name = [UInt8](repeating: 0x61, count: length)
                name[length / 2] = byte
                #expect(
                    name.withByteView(HeaderSyntax.isName) == allowed.contains(byte),
                    "byte \(byte), length \(length)")
            }
        }
        #expect(!"".withByteView(HeaderSyntax.isName))
        #expect(![UInt8](repeating: 0x61, count: 65_536).withByteView(HeaderSyntax.isName))
    }

    @Test("No control character but tab may stand in a value, wherever it stands")
    func values() {
        for byte in UInt8.min...UInt8.max {
            for length in [1, 7, 8, 9, 17] {
                var value = [UInt8](repeating: 0x61, count: length)
                value[length - 1] = byte
                let isAllowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
                #expect(
                    value.withByteView(HeaderSyntax.isValue) == isAllowed, "byte \(byte), length \(length)")
            }
        }
        #expect("".withByteView(HeaderSyntax.isValue))
    }

    @Test(
        "Takes hosts with and without port",
        arguments: [
            "a", "example.com", "example.com:80", "a:", "[::1]", "[2001:db8::1]:443", "127.0.0.1:8080",
            "a_b~c", "a%20b",
        ]
    )
    func authorities(text: String) { #expect(text.withByteView(HeaderSyntax.isAuthority)) }

    @Test(
        "Refuses what is no host or more than one",
        arguments: [
            "", ":80", "a b", "a,b", "a@b", "a/b", "a?b", "a#b", "a:b", "a:1:2", "a:123456", "[::1", "::1",
            "[]", "[g::1]",
            "[::1]x", "a\\b", "a\u{7F}", "é",
        ]
    )
    func badAuthorities(text: String) { #expect(!text.withByteView(HeaderSyntax.isAuthority)) }

    @Test("A path begins with a slash or is an asterisk")
    func paths() {
        for text in ["/", "/a?b", "*"] { #expect(text.withByteView(HeaderSyntax.isPath)) }
        for text in ["", "a", "/a b", "/a#b", "/\u{1}", "**"] {
            #expect(!text.withByteView(HeaderSyntax.isPath))
        }
    }
}
