import Testing

@testable import Expressions

@Suite struct StandardAttributeTests {
    @Test("Every standard attribute is in the manifest under its id")
    func ids() {
        let manifest = StandardAttributes.manifest
        #expect(manifest.entries.count == StandardAttribute.allCases.count)
        for attribute in StandardAttribute.allCases {
            #expect(manifest.id(attribute.name) == attribute.id)
            #expect(StandardAttribute(attribute.id) == attribute)
            #expect(manifest[attribute.id].type == attribute.type.expressionType)
        }
    }

    @Test("A longer name goes before a field of a shorter one")
    func longestFirst() throws {
        var manifest = StandardAttributes.manifest
        let added = manifest.declare("request.headers.host", .int64)
        let expression = try Expression.compile("request.headers.host > 1", manifest, mode: .rules)
        #expect(expression.attributes == [added])
        #expect(StandardAttribute(added) == nil)
    }
}
