/// Why an evaluation has no value.
///
/// Compare ``code`` only; the message is for logs.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: UInt8, Sendable {
        /// An attribute, or the entry of a STRING_MAP, that is used without a value.
        case absentAttribute
        case noSuchOverload
        case noSuchKey
        case noSuchFunction
        case unknownName
        case indexOutOfRange
        case overflow
        case outOfRange
        case divisionByZero
        case repeatedKey
        case invalidArgument
        /// The evaluation took more steps or memory than ``EvaluationLimits`` allow.
        case limitExceeded
    }

    public let code: Code
    /// What the code is about: a name, a key, a text that could not be read; may be empty.
    public let subject: String
    /// Where in the expression's text, in bytes from its beginning.
    public let offset: Int

    public var description: String {
        self.subject.isEmpty ? self.code.text : "\(self.code.text): \(self.subject)"
    }
}

extension EvaluationError.Code {
    /// What messages say.
    public var text: String {
        switch self {
        case .absentAttribute: "absent attribute"
        case .noSuchOverload: "no such overload"
        case .noSuchKey: "no such key"
        case .noSuchFunction: "unknown function"
        case .unknownName: "undeclared reference"
        case .indexOutOfRange: "index out of range"
        case .overflow: "overflow"
        case .outOfRange: "out of range"
        case .divisionByZero: "division by zero"
        case .repeatedKey: "repeated key"
        case .invalidArgument: "invalid argument"
        case .limitExceeded: "limit exceeded"
        }
    }
}
