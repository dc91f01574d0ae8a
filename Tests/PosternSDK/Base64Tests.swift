import PosternSDK
import Testing

@Suite struct Base64Tests {
    @Test(
        "The examples of RFC 4648, section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func examples(_ plain: String, _ encoded: String) throws {
        #expect(Base64.encode(Array(plain.utf8).span) == encoded)
        #expect(Base64.decode(Array(encoded.utf8).span) == Array(plain.utf8))
        let unpadded = Array(encoded.utf8).filter { $0 != 0x3D }
        #expect(Base64.decode(unpadded.span, .url) == Array(plain.utf8))
    }

    @Test("Every byte survives both alphabets")
    func bytes() {
        let bytes = (0...255).map { UInt8($0) }
        for count in 0...bytes.count {
            let part = Array(bytes[..<count])
            for alphabet in [Base64.Alphabet.standard, .url] {
                let text = Array(Base64.encode(part.span, alphabet).utf8)
                #expect(Base64.decode(text.span, alphabet) == part)
            }
        }
    }

    @Test(
        "One value has one spelling: padding, foreign characters and stray bits are refused",
        arguments: [
            ("Zg", Base64.Alphabet.standard), ("Zg=", .standard), ("Zg===", .standard), ("Zh==", .standard),
            ("Z===", .standard), ("Zm9v\n", .standard), ("Zm-_", .standard), ("Zm 9", .standard),
            ("=Zm9", .standard), ("Zg==", .url), ("Zh", .url), ("Z", .url), ("Zm+/", .url), ("Zm9v ", .url),
        ])
    func refused(_ text: String, _ alphabet: Base64.Alphabet) {
        #expect(Base64.decode(Array(text.utf8).span, alphabet) == nil)
    }
}
