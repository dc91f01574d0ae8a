import Testing

@testable import Expressions

@Suite struct SignatureTests {
    @Test("Every signature of every table can be read")
    func tablesAreReadable() {
        let lines =
            FunctionTable.operators + FunctionTable.conversions + FunctionTable.texts + FunctionTable.times
            + FunctionTable.mathematics + FunctionTable.addresses + FunctionTable.mixer
        for (_, name, signatures) in lines {
            for text in signatures { #expect(Signature(text) != nil, "\(name) \(text)") }
        }
        #expect(Set(lines.map(\.0)) == Set(Function.allCases))
    }

    @Test(
        "What is no signature is refused",
        arguments: ["", "int", "(int)", "(int): ", "(what): int", "string.: int"])
    func refusesOthers(text: String) {
        #expect(Signature(text) == nil)
    }
}
