import Adapting
import Expressions
import Primitives
import Testing

@testable import Mixer

@Suite struct FieldPlanTests {
    private final class Bag: AttributeBag {
        let values: [StandardAttribute: Value]

        init(_ values: [StandardAttribute: Value]) { self.values = values }

        override func value(of id: AttributeID) -> Value {
            StandardAttribute(id).flatMap { self.values[$0] } ?? .absent
        }
    }

    private func record(_ write: (inout RecordWriter) -> Void) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { room in
            guard let base = room.baseAddress else { return [] }
            var writer = RecordWriter(base, capacity: room.count)
            write(&writer)
            return Array(room.prefix(writer.count))
        }
    }

    @Test(
        "A column holds what its expression says, whatever attributes are there",
        arguments: [
            "response.duration", "request.size | 7", "request.size | response.size",
            "request.size | response.size | 7", "request.time | context.time",
            "milliseconds(response.duration)", "milliseconds(response.duration | connection.duration)",
            "connection.mtls ? \"yes\" : \"no\"", "connection.mtls | false ? \"yes\" : \"no\"",
            "connection.mtls | check.cache_hit ? 1 : 2", "connection.mtls ? request.size : 2",
            "request.size + 1", "(request.size + 1) | 7",
        ])
    func columns(text: String) throws {
        let expression = try Expression.compile(text, StandardAttributes.manifest, mode: .rules)
        let plan = FieldPlan([expression], available: expression.attributes)
        let evaluator = Evaluator()
        let bags: [[StandardAttribute: Value]] = [
            [:],
            [.requestSize: .int(3), .connectionMTLS: .bool(true), .requestTime: .timestamp(seconds: 5)],
            [.responseSize: .int(4), .connectionMTLS: .bool(false), .contextTime: .timestamp(seconds: 6)],
            [.checkCacheHit: .bool(true), .responseDuration: .duration(nanoseconds: 2_999_999)],
            [.checkCacheHit: .bool(false), .connectionDuration: .duration(nanoseconds: 4_000_000)],
        ]
        for values in bags {
            let bag = Bag(values)
            let planned = self.record { plan.write(bag, evaluator, to: &$0) }
            #expect(planned == self.record { expression.evaluate(bag, with: evaluator).append(to: &$0) })
        }
    }
}
