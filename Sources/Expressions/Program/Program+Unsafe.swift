internal import Primitives

/// A compiled expression in memory of its own that does not change any more.
final class Program: @unchecked Sendable {
    // SAFETY: `code` and `children` are allocated in init with the arrays' contents and freed in deinit;
    // nothing writes them or the constants after init, hence `@unchecked Sendable`. Instructions are trivial,
    // so there is nothing to deinitialise.
    let code: UnsafePointer<Instruction>
    let children: UnsafePointer<Int32>
    let root: Int32
    let slotCount: Int
    /// Where texts, lists and maps among the constants are.
    private let constants: Arena
    private let patterns: [Pattern]
    private let storage: (UnsafeMutablePointer<Instruction>, UnsafeMutablePointer<Int32>)

    init(
        code: [Instruction], children: [Int32], root: Int32, slotCount: Int, constants: Arena,
        patterns: [Pattern]
    ) {
        let codeMemory = UnsafeMutablePointer<Instruction>.allocate(capacity: max(1, code.count))
        let childMemory = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, children.count))
        for (index, instruction) in code.enumerated() { (codeMemory + index).initialize(to: instruction) }
        for (index, child) in children.enumerated() { (childMemory + index).initialize(to: child) }
        self.storage = (codeMemory, childMemory)
        self.code = UnsafePointer(codeMemory)
        self.children = UnsafePointer(childMemory)
        self.root = root
        self.slotCount = slotCount
        self.constants = constants
        self.patterns = patterns
    }

    deinit {
        self.storage.0.deallocate()
        self.storage.1.deallocate()
    }
}
