/// The types that a function takes and gives; a receiver counts as the first parameter.
struct Signature: Sendable, Hashable {
    let isMember: Bool
    let parameters: [ExpressionType]
    let result: ExpressionType

    init(isMember: Bool, parameters: [ExpressionType], result: ExpressionType) {
        self.isMember = isMember
        self.parameters = parameters
        self.result = result
    }

    /// Reads `string.(int): string` or `(list(A)): int`. Capital letters are type parameters.
    ///
    /// - Returns: nil for what is none; a test reads all signatures there are.
    init?(_ text: String) {
        var reader = SignatureReader(text)
        guard let signature = reader.signature() else { return nil }
        self = signature
    }
}

extension Signature: CustomStringConvertible {
    var description: String {
        let receiver = self.isMember ? "\(self.parameters[0])." : ""
        let rest = self.parameters.dropFirst(self.isMember ? 1 : 0).map(\.description)
        return "\(receiver)(\(rest.joined(separator: ", "))): \(self.result)"
    }
}
