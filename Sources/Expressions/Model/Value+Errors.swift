internal import Primitives

extension Value {
    /// - Parameter subject: Lives as long as the value.
    static func error(_ code: EvaluationError.Code, _ subject: ByteView = .empty) -> Value {
        let value = Value(.error, subject)
        return Value(.error, value.first, value.second, detail: UInt32(code.rawValue))
    }

    /// The error with the place where it came from, unless it has one.
    func at(_ offset: UInt32) -> Value {
        guard self.kind == .error, self.detail >> 8 == 0 else { return self }
        return Value(.error, self.first, self.second, detail: self.detail | (offset + 1) << 8)
    }

    var errorCode: EvaluationError.Code? {
        guard self.kind == .error else { return nil }
        return EvaluationError.Code(rawValue: UInt8(truncatingIfNeeded: self.detail))
    }

    var isAbsence: Bool {
        self.kind == .error
            && self.detail & 0xFF == UInt32(EvaluationError.Code.absentAttribute.rawValue)
    }

    /// What an error says, for logs; nil for a value. Allocates.
    public var error: EvaluationError? {
        guard let code = self.errorCode else { return nil }
        let offset = max(0, Int(self.detail >> 8) - 1)
        return EvaluationError(code: code, subject: self.view.string, offset: offset)
    }
}
