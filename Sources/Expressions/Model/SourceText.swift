/// An expression's text and where the places in it are.
struct SourceText {
    let bytes: [UInt8]

    init(_ text: String) { self.bytes = Array(text.utf8) }

    func problem(_ message: String, at offset: Int) -> ExpressionProblem {
        let end = min(offset, self.bytes.count)
        var line = 1
        var start = 0
        for index in 0..<end where self.bytes[index] == 0x0A {
            line += 1
            start = index + 1
        }
        let column = String(decoding: self.bytes[start..<end], as: UTF8.self).count + 1
        return ExpressionProblem(message: message, offset: end, line: line, column: column)
    }
}
