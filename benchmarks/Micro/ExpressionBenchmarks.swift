internal import Expressions
internal import Primitives

/// Expressions as rules have them, compiled before.
enum ExpressionBenchmarks {
    static let all = [
        Benchmark(name: "expression-match") {
            Self.evaluations(of: "request.path.startsWith(\"/api\") && response.code >= 500")
        },
        Benchmark(name: "expression-header") {
            Self.evaluations(of: "request.headers[\"x-user\"] in [\"alice\", \"bob\", \"jason\"]")
        },
        Benchmark(name: "expression-absent") { Self.evaluations(of: "(request.id | \"none\") == \"none\"") },
        Benchmark(name: "expression-regex") {
            Self.evaluations(of: "request.path.matches(\"^/api/v[0-9]+/\")")
        },
        Benchmark(name: "expression-text") {
            Self.evaluations(of: "request.method + \" \" + request.path + \" from \" + string(source.ip)")
        },
        Benchmark(name: "expression-macro") {
            Self.evaluations(of: "[500, 501, 502, 503].exists(code, code == response.code)")
        },
    ]

    private static func evaluations(of text: String) -> (Int) -> UInt64 {
        guard let expression = try? Expression.compile(text, StandardAttributes.manifest, mode: .rules) else {
            return { _ in 0 }
        }
        let bag = SampleBag()
        let evaluator = Evaluator()
        return { iterations in
            var sum: UInt64 = 0
            for _ in 0..<iterations {
                let value = expression.evaluate(bag, with: evaluator)
                sum &+= value.isTrue ? 1 : UInt64(value.asText?.count ?? 0)
            }
            return sum
        }
    }
}

/// One exchange's attributes, as the host keeps them.
private final class SampleBag: AttributeBag {
    private let path = ByteView("/api/v1/products?id=7")
    private let user = ByteView("jason")

    override func value(of id: AttributeID) -> Value {
        switch StandardAttribute(id) {
        case .requestPath: .string(self.path)
        case .requestMethod: .string(ByteView("GET"))
        case .requestHeaders: .attributeMap(id)
        case .responseCode: .int(503)
        case .sourceIP: .ip(IPAddress(ipv4: 0x0A00_0001))
        default: .absent
        }
    }

    override func entry(of id: AttributeID, _ key: ByteView) -> Value {
        key == "x-user" ? .string(self.user) : .absent
    }
}
