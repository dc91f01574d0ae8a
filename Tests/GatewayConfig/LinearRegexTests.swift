import GatewayConfig
import Primitives
import Testing

@Suite struct LinearRegexTests {
    @Test("A whole match needs all of the text, a part match any run of it")
    func wholeAndPart() throws {
        let regex = try LinearRegex("/v[0-9]+")
        let (exact, longer) = (ByteView("/v12"), ByteView("/api/v12/x"))
        #expect(regex.matchesWhole(exact))
        #expect(!regex.matchesWhole(longer))
        #expect(regex.matchesPart(longer))
        #expect(!regex.matchesPart(ByteView("/vx")))
    }

    @Test("An alternative is anchored at both ends as a whole")
    func alternatives() throws {
        let regex = try LinearRegex("/a|/b")
        #expect(!regex.matchesWhole(ByteView("/ax")))
        #expect(!regex.matchesWhole(ByteView("x/b")))
        #expect(regex.matchesWhole(ByteView("/b")))
    }

    @Test(
        "Refuses what cannot be matched in linear time or is malformed, with the reason",
        arguments: [
            ("[a", "missing ]: [a"),
            ("(a)\\1", "invalid escape sequence: \\1"),
            ("a(?=b)", "invalid perl operator: (?="),
            ("((a{1,100}){1,100}){1,100}", "invalid repetition size: {1,100}"),
            ("(\\pL{500}){2}", "pattern too large - compile failed"),
        ]
    )
    func refusals(pattern: String, reason: String) {
        let error = #expect(throws: LinearRegex.CompileError.self) { try LinearRegex(pattern) }
        #expect(error?.description == reason)
    }

    @Test("A pattern that makes backtracking engines explode answers at once")
    func linear() throws {
        let regex = try LinearRegex("(a*)*b")
        #expect([UInt8](repeating: 0x61, count: 100_000).withByteView { !regex.matchesWhole($0) })
    }
}
