import ExpressionCases
import Expressions
import Testing

@Suite struct ConformanceTests {
    @Test(
        "Every published case comes out as it should, but those that docs/conformance/cel.md names",
        .enabled(if: ConformanceFolder.isThere))
    func published() throws {
        let exclusions = try ConformanceFolder.exclusions()
        let evaluator = Evaluator()
        var count = 0
        for given in try ConformanceFolder.cases() {
            count += 1
            let outcome = try ExpressionCase(given.json).run(evaluator)
            let isRight = Self.matches(outcome, given.json)
            let isExcluded = exclusions["\(given.file)/\(given.section)"]?.covers(given) == true
            #expect(
                isRight != isExcluded, "\(given): \(given.json["expr"]?.string ?? "") gave \(outcome.json)")
        }
        #expect(count > 1900)
    }

    private static func matches(_ outcome: ExpressionCase.Outcome, _ given: JSONValue) -> Bool {
        if given["eval_error"] != nil {
            if case .error = outcome { return true }
            return false
        }
        let typed = given["typed_result"]
        let wanted = typed?["result"] ?? given["value"]
        switch outcome {
        case .value(let value, let type):
            // A case that names no value wants `true`.
            let isValue = Self.same(value, wanted ?? .object([JSONValue.Member("bool_value", .bool(true))]))
            return isValue && (typed?["deduced_type"].map { Self.sameType(type, $0) } ?? true)
        case .type(let type): return typed?["deduced_type"].map { Self.sameType(type, $0) } ?? false
        case .error: return false
        }
    }

    private static func sameType(_ type: ExpressionType, _ json: JSONValue) -> Bool {
        TypeJSON.read(json) == type
    }

    /// Maps are equal whatever the order of their entries; numbers whatever their spelling.
    private static func same(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.array(let values), .array(let others)):
            return values.count == others.count && zip(values, others).allSatisfy { Self.same($0, $1) }
        case (.object(let members), .object(let others)):
            guard members.count == others.count else { return false }
            return members.allSatisfy { member in
                guard let value = other[member.key] else { return false }
                guard member.key == "entries", let entries = member.value.array, let wanted = value.array
                else {
                    return Self.same(member.value, value)
                }
                return entries.count == wanted.count
                    && entries.allSatisfy { entry in wanted.contains { Self.same(entry, $0) } }
            }
        case (.number(let digits), .number(let others)): return Double(digits) == Double(others)
        default: return one == other
        }
    }
}
