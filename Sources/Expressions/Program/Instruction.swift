/// One step of a compiled expression: plain data, so that evaluating touches no reference count.
struct Instruction {
    enum Opcode: UInt8 {
        case constant
        /// `x` is the attribute's id.
        case attribute, attributePresence
        /// `x` is the slot.
        case local
        /// An error; its code and subject are the constant.
        case failure
        /// `x` is where the children begin, `count` how many they are.
        case list, map
        case and, or, not, conditional, substitute
        /// `x` and `y` are the operands.
        case unary, binary
        /// As for lists.
        case call
        /// `x` is the operand, the constant the key.
        case select, test
        /// `x` is the range, `y` the body, `z` the condition or -1; the constant is the first slot and, in
        /// the second word, the entry's value; `count` is the macro and, from bit 8 on, the number of
        /// variables.
        case comprehension
        /// `x` is the value, `y` the body, `z` the slot.
        case bind
        /// `x` is the text, the constant the compiled pattern.
        case matchesPattern
        /// `x` is the value, `count` the message.
        case wellKnown
    }

    let opcode: Opcode
    var function: Function = .and
    var count: UInt32 = 0
    var x: Int32 = -1
    var y: Int32 = -1
    var z: Int32 = -1
    /// Where it stands in the text.
    var offset: UInt32 = 0
    var constant: Value = .null

    init(_ opcode: Opcode) { self.opcode = opcode }
}
