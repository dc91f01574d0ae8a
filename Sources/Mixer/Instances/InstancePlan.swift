public import Adapting
public import Expressions

/// A compiled instance: what is made of a request for handlers. Shared by all workers.
public final class InstancePlan: Sendable {
    public let name: String
    public let shape: RecordShape
    public var template: Template { self.shape.template }
    /// The expression of each column; nil: the column is absent.
    public let fields: ContiguousArray<Expression?>
    /// Of a metric.
    let metric: MetricPlan?
    /// Of a quota.
    let quota: QuotaPlan?
    /// Of the template `attributes`: which attribute each value of the adapter becomes.
    let bindings: [AttributeBinding]
    /// All that it takes from a request.
    let references: Set<AttributeReference>
    /// The instance as it is written: the same text is the same instance.
    let source: String

    init(
        name: String, shape: RecordShape, fields: ContiguousArray<Expression?>, metric: MetricPlan? = nil,
        quota: QuotaPlan? = nil, bindings: [AttributeBinding] = [], source: String
    ) {
        self.name = name
        self.shape = shape
        self.fields = fields
        self.metric = metric
        self.quota = quota
        self.bindings = bindings
        self.source = source
        var references = Set<AttributeReference>()
        for field in fields { references.formUnion(field?.references ?? []) }
        references.formUnion(metric?.value?.references ?? [])
        references.formUnion(quota?.amount?.references ?? [])
        references.formUnion(quota?.deduplication?.references ?? [])
        self.references = references
    }
}

/// What a metric counts.
struct MetricPlan: Sendable {
    /// nil: 1.
    let value: Expression?
    /// Values are whole numbers of this part of one: multiplied by it when they are counted.
    let scale: UInt64
    /// What counted values are divided by when they are shown.
    let divisor: UInt64

    /// A bound in the parts that values are counted in; nil when it is more than can be counted.
    func counted(_ bound: Double) -> UInt64? {
        let parts = (bound * Double(self.divisor)).rounded()
        return parts <= 0x1p63 ? UInt64(parts) : nil
    }

    /// The least difference between values, in the shown unit.
    var step: String {
        switch self.divisor {
        case 1: "1"
        case 2: "0.5"
        default: "0." + String(repeating: "0", count: "\(self.divisor)".utf8.count - 2) + "1"
        }
    }

    /// The least scale in which every bound is a whole number, or a thousand.
    static func scale(of bounds: [Double]) -> UInt64 {
        if bounds.allSatisfy({ $0.rounded() == $0 }) { return 1 }
        return bounds.allSatisfy { ($0 * 2).rounded() == $0 * 2 } ? 2 : 1000
    }
}

/// How much of a quota a request takes.
struct QuotaPlan: Sendable {
    /// nil: 1.
    let amount: Expression?
    let isBestEffort: Bool
    let deduplication: Expression?
    /// How much is asked of the handler at once, to be given out here.
    let prefetch: UInt64
}

/// An attribute made of a value that an adapter answered.
struct AttributeBinding: Sendable {
    let attribute: AttributeID
    /// The attribute's; a value of another type is not taken.
    let type: RecordValueType
    /// Among the adapter's outputs, by name; found when the handler is known.
    let output: String
}
