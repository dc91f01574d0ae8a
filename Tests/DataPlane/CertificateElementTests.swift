internal import Testing

@testable internal import DataPlane

@Suite struct CertificateElementTests {
    @Test(
        "A name cannot end its quotes, nor stand for two",
        arguments: [
            ("spiffe://test/a", "spiffe://test/a"), ("a,b", #""a,b""#), ("a;b=c", #""a;b=c""#),
            (#"a"b"#, #""a\"b""#), (#"a\b"#, #""a\\b""#), (#"a\"#, #""a\\""#),
            (#"\";URI=spiffe://forged"#, #""\\\";URI=spiffe://forged""#), ("a\u{1}\u{7F}", "a??"),
        ])
    func quotes(value: String, expected: String) {
        #expect(CertificateElement.quoted(value) == expected)
    }

    @Test("A subject is escaped whatever it holds")
    func subject() {
        #expect(CertificateElement.escaped(#"CN=a\,b \"c\""#) == #"CN=a\\,b \\\"c\\\""#)
    }
}
