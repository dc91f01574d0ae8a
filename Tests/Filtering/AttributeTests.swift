import Filtering
import Testing

@Suite struct AttributeTests {
    @Test("Every known attribute is read by its name", arguments: KnownAttribute.allCases)
    func known(attribute: KnownAttribute) throws {
        #expect(try Attribute(parsing: attribute.rawValue) == .known(attribute))
    }

    @Test("Header attributes take either quote and fold the name")
    func headers() throws {
        #expect(try Attribute(parsing: "request.headers['X-User']") == .requestHeader("x-user"))
        #expect(try Attribute(parsing: "response.headers[\"etag\"]") == .responseHeader("etag"))
    }

    @Test(
        "What is no attribute is refused and named",
        arguments: [
            "", "request", "request.headers", "request.headers[]", "request.headers['']",
            "request.headers['a\"]",
            "request.headers['a b']", "request.headers['a'].b", "request.header['a']",
        ]
    )
    func unknown(text: String) throws {
        let error = try #require(throws: Attribute.ParseError.self) { try Attribute(parsing: text) }
        #expect(error.description.contains("'"))
    }
}
