internal import Adapting
internal import Expressions
internal import Primitives

/// The value of one column, as cheap as it can be had.
enum FieldPlan: Sendable {
    /// Always the same, in this process: a literal, or an attribute that is never there with its stand-in.
    case constant(ConstantValue)
    case expression(Expression)

    /// - Parameter available: Attributes that this process can know of a request.
    init(_ expression: Expression?, available: Set<AttributeID>) {
        guard let expression else {
            self = .constant(.absent)
            return
        }
        if expression.attributes.isDisjoint(with: available) {
            self = .constant(ConstantValue(expression))
        } else {
            self = .expression(expression)
        }
    }
}

/// A value that needs nobody's memory.
struct ConstantValue: Sendable {
    /// As a record has it.
    let encoded: [UInt8]
    /// As a label has it.
    let text: String

    static let absent = ConstantValue(encoded: [0], text: "")

    private init(encoded: [UInt8], text: String) {
        self.encoded = encoded
        self.text = text
    }

    /// The value without any attribute.
    init(_ expression: Expression) {
        let evaluator = Evaluator()
        let value = expression.evaluate(AttributeBag(), with: evaluator)
        let text = ByteBuffer(capacity: 64)
        if !value.isError { evaluator.write(value, to: text) }
        let record = ByteBuffer(capacity: text.count + 64)
        var writer = RecordWriter(record.base, capacity: record.capacity)
        value.append(to: &writer)
        withExtendedLifetime(evaluator) {}
        record.writeIndex = writer.count
        self.encoded = record.withView(\.bytes)
        self.text = text.withView(\.string)
    }
}

extension RecordWriter {
    /// Appends a column's value of a request.
    @inline(__always)
    mutating func append(_ field: borrowing FieldPlan, _ bag: AttributeBag, _ evaluator: Evaluator) {
        switch field {
        case .constant(let constant):
            constant.encoded.withByteView { self.append(encoded: $0) }
        case .expression(let expression):
            expression.evaluate(bag, with: evaluator).append(to: &self)
        }
    }
}
