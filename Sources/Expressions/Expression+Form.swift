public import Primitives

/// What an expression is where little more than a look-up is needed, and no evaluator.
///
/// Constants and keys live as long as the expression. Where a form says nothing of a value that the attribute
/// has, the expression has to be evaluated.
public enum ExpressionForm: Sendable {
    /// The attribute's value; absent where the expression would be an error.
    case attribute(AttributeID)
    /// The attribute's value, or this one when it is absent.
    case attributeOr(AttributeID, Value)
    /// The attribute's value, when it is there.
    case attributeFirst(AttributeID)
    /// The whole milliseconds of the attribute's value, when that is a duration.
    case milliseconds(AttributeID)
    /// One or the other, when the attribute is true or false.
    case choice(AttributeID, ifTrue: Value, ifFalse: Value)
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
            guard let id = self.first(root.x), self.type != .map(.string, .string) else { return .other }
            return left.opcode == .attribute && right.opcode == .constant
                ? .attributeOr(id, right.constant) : .attributeFirst(id)
        case .unary where root.function == .toMilliseconds:
            return self.first(root.x).map { .milliseconds($0) } ?? .other
        case .conditional:
            let (yes, no) = (self.instruction(root.y), self.instruction(root.z))
            guard let id = self.first(root.x), yes.opcode == .constant, no.opcode == .constant
            else { return .other }
            return .choice(id, ifTrue: yes.constant, ifFalse: no.constant)
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

    /// The attribute that is the value of a part, when it is there.
    private func first(_ index: Int32) -> AttributeID? {
        let at = self.instruction(index)
        switch at.opcode {
        case .attribute: return at.id
        case .substitute: return self.first(at.x)
        default: return nil
        }
    }

    private func instruction(_ index: Int32) -> Instruction { self.program.code[Int(index)] }
}

extension Instruction {
    /// Of an attribute.
    fileprivate var id: AttributeID { AttributeID(rawValue: UInt32(bitPattern: self.x)) }
}
