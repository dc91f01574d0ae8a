internal import Adapting
internal import Expressions
internal import Primitives

/// The columns of a record, or the dimensions of a metric, each as cheap as it can be had: laid out once, so
/// that making a record counts no references. Shared by all workers.
final class FieldPlan: @unchecked Sendable {
    // SAFETY: `steps` is made in init with `count` elements, only read from then on, and freed in deinit,
    // hence `@unchecked Sendable`; what steps point at lies in `constants` and `expressions`, which live as
    // long as this.
    private enum Kind: UInt8 {
        /// Always the same, in this process: a literal, or an attribute that is never there with its
        /// stand-in.
        case constant
        case attribute, attributeOr, attributeFirst, milliseconds, choice, entry, expression
    }

    private struct Step {
        var kind = Kind.constant
        var id = AttributeID(rawValue: 0)
        /// The constant as a record has it, or the entry's key.
        var bytes = ByteView.empty
        var substitute = Value.absent
        var alternative = Value.absent
        var expression: Unmanaged<Expression>?
    }

    let count: Int
    private let steps: UnsafeMutablePointer<Step>
    private let constants: [ConstantValue]
    private let encoded: [ByteBuffer]
    private let expressions: [Expression]

    /// - Parameters:
    ///   - expressions: By column; nil: always absent.
    ///   - available: Attributes that this process can know of a request.
    init(_ expressions: some Collection<Expression?>, available: Set<AttributeID>) {
        var constants: [ConstantValue] = []
        var encoded: [ByteBuffer] = []
        self.count = expressions.count
        self.steps = .allocate(capacity: max(expressions.count, 1))
        for (index, expression) in expressions.enumerated() {
            var step = Step()
            var constant = ConstantValue.absent
            step.expression = expression.map { Unmanaged.passUnretained($0) }
            if let expression, !expression.attributes.isDisjoint(with: available) {
                switch expression.form {
                case .attribute(let id): (step.kind, step.id) = (.attribute, id)
                case .attributeOr(let id, let value):
                    (step.kind, step.id, step.substitute) = (.attributeOr, id, value)
                case .attributeFirst(let id): (step.kind, step.id) = (.attributeFirst, id)
                case .milliseconds(let id): (step.kind, step.id) = (.milliseconds, id)
                case .choice(let id, let yes, let no):
                    (step.kind, step.id, step.substitute, step.alternative) = (.choice, id, yes, no)
                case .entry(let id, let key): (step.kind, step.id, step.bytes) = (.entry, id, key)
                case .other: step.kind = .expression
                }
            } else {
                if let expression { constant = ConstantValue(expression) }
                let bytes = ByteBuffer(capacity: constant.encoded.count)
                constant.encoded.withByteView { bytes.append($0) }
                encoded.append(bytes)
                step.bytes = bytes.view
            }
            constants.append(constant)
            (self.steps + index).initialize(to: step)
        }
        self.constants = constants
        self.encoded = encoded
        self.expressions = expressions.compactMap { $0 }
    }

    deinit { self.steps.deallocate() }

    /// The text of a column that is the same for every request; nil for another one.
    func constant(_ index: Int) -> String? {
        self.steps[index].kind == .constant ? self.constants[index].text : nil
    }

    /// Whether a column is the same for every request.
    @inline(__always)
    func isConstant(_ index: Int) -> Bool { self.steps[index].kind == .constant }

    /// A column's value of a request; absent or an error where it has none.
    @inline(__always)
    func value(_ index: Int, _ bag: AttributeBag, _ evaluator: Evaluator) -> Value {
        let step = self.steps + index
        switch step.pointee.kind {
        case .attribute: return bag.value(of: step.pointee.id)
        case .attributeOr:
            let value = bag.value(of: step.pointee.id)
            return value.kind == .absent ? step.pointee.substitute : value
        case .attributeFirst:
            let value = bag.value(of: step.pointee.id)
            if value.kind != .absent { return value }
        case .milliseconds:
            if let time = bag.value(of: step.pointee.id).asDuration { return .int(time / 1_000_000) }
        case .choice:
            let value = bag.value(of: step.pointee.id)
            if value.isTrue { return step.pointee.substitute }
            if value.isFalse { return step.pointee.alternative }
        case .entry: return bag.entry(of: step.pointee.id, step.pointee.bytes)
        case .expression, .constant: break
        }
        guard let expression = step.pointee.expression else { return .absent }
        return expression._withUnsafeGuaranteedRef { $0.evaluate(bag, with: evaluator) }
    }

    /// Writes all columns of a request.
    @inline(__always)
    func write(_ bag: AttributeBag, _ evaluator: Evaluator, to writer: inout RecordWriter) {
        for index in 0..<self.count {
            if self.isConstant(index) {
                writer.append(encoded: self.steps[index].bytes)
            } else {
                self.value(index, bag, evaluator).append(to: &writer)
            }
        }
    }
}
