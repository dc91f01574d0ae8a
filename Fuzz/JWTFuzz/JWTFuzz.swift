internal import CFuzzer
internal import JwtAuth
internal import PosternSDK

/// Feeds arbitrary bytes to the reader of tokens: an even first byte leaves them as they are, an odd one
/// makes header and claims of them, split at its half.
@main
struct JWTFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            JWTFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        if first % 2 == 0 { return self.read(rest) }
        let split = min(Int(first / 2), rest.count)
        let header = Base64.encode(Array(rest[..<split]).span, .url)
        let claims = Base64.encode(Array(rest[split...]).span, .url)
        self.read(Array("\(header).\(claims).c2ln".utf8))
    }

    private static func read(_ text: [UInt8]) {
        guard let token = try? CompactToken(text) else { return }
        precondition(token.text == text)
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        precondition(parts.count == 3)
        precondition(token.signedCount == parts[0].count + 1 + parts[1].count)
        for part in parts {
            guard let bytes = Base64.decode(Array(part).span, .url) else {
                preconditionFailure("no base64url")
            }
            precondition(Array(Base64.encode(bytes.span, .url).utf8) == Array(part), "two spellings")
        }
        var written: [UInt8] = []
        token.claims.write(to: &written)
        precondition((try? JSONValue(parsing: written)) == token.claims, "claims change when written")
    }
}
