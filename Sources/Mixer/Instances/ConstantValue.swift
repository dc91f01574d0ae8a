internal import Adapting
internal import Expressions
internal import Primitives

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
