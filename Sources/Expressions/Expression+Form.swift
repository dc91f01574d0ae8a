public import Primitives

/// What an expression is where it is no more than a look-up, which needs no evaluator.
///
/// Constants and keys live as long as the expression.
public enum ExpressionForm: Sendable {
    /// The attribute's value; absent where the expression would be an error.
    case attribute(AttributeID)
    /// The attribute's value, or this one when it is absent.
    case attributeOr(AttributeID, Value)
    /// The entry of a STRING_MAP attribute.
    case entry(AttributeID, ByteView)
    case other
}

extension Expression {
    public var form: ExpressionForm {
        let root = self.program.code[Int(self.program.root)]
        switch root.opcode {
        case .attribute where self.type != .map(.string, .string): return .attribute(root.id)
        case .substitute:
            let (left, right) = (self.instruction(root.x), self.instruction(root.y))
            guard left.opcode == .attribute, right.opcode == .constant else { return .other }
            return .attributeOr(left.id, right.constant)
        case .select:
            let operand = self.instruction(root.x)
            return operand.opcode == .attribute ? .entry(operand.id, root.constant.view) : .other
        default: return .other
        }
    }

    /// Whether the expression cannot be true while the attribute is absent.
    public func needs(_ attribute: AttributeID) -> Bool { self.needs(attribute, self.program.root) }

    private func needs(_ attribute: AttributeID, _ index: Int32) -> Bool {
        let at = self.instruction(index)
        switch at.opcode {
        case .attribute: return at.id == attribute
        case .and, .binary: return self.needs(attribute, at.x) || self.needs(attribute, at.y)
        case .or, .substitute: return self.needs(attribute, at.x) && self.needs(attribute, at.y)
        case .not, .unary, .select, .matchesPattern: return self.needs(attribute, at.x)
        default: return false
        }
    }

    private func instruction(_ index: Int32) -> Instruction { self.program.code[Int(index)] }
}

extension Instruction {
    /// Of an attribute.
    fileprivate var id: AttributeID { AttributeID(rawValue: UInt32(bitPattern: self.x)) }
}
