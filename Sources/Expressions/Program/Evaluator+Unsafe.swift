internal import Primitives

/// What evaluations work with: memory for what they make, places for macros' variables, a stack.
///
/// One a worker; never two threads, never two evaluations at once. What an evaluation gave is good until the
/// next one.
public final class Evaluator {
    // SAFETY: `slots` and `stack` are allocated with their capacities and freed in deinit. A program's slots
    // are fewer than `slotCapacity` (``begin`` sees to it); the stack is as deep as the deepest expression
    // needs: `Parser.depthLimit` levels with `argumentLimit` arguments each.
    static let argumentLimit = 4
    private static let stackCapacity = (Parser.depthLimit + 2) * Evaluator.argumentLimit

    public var limits: EvaluationLimits
    let arena: Arena
    /// For texts whose length is not known before.
    let text = ByteBuffer(capacity: 256)
    var zones = TimeZoneCache()
    /// Steps that may still be taken.
    var steps = 0
    private(set) var code: UnsafePointer<Instruction>
    private(set) var children: UnsafePointer<Int32>
    private var slots: UnsafeMutablePointer<Value>
    private var slotCapacity = 32
    private let stack: UnsafeMutablePointer<Value>
    private var top = 0

    public init(limits: EvaluationLimits = .defaults) {
        self.limits = limits
        self.arena = Arena(limit: limits.memory.bytes)
        self.slots = .allocate(capacity: self.slotCapacity)
        self.stack = .allocate(capacity: Self.stackCapacity)
        self.code = UnsafePointer(bitPattern: 16).unsafelyUnwrapped
        self.children = UnsafePointer(bitPattern: 16).unsafelyUnwrapped
    }

    deinit {
        self.slots.deallocate()
        self.stack.deallocate()
    }

    func begin(_ program: Program) {
        self.begin(program.code, program.children, slotCount: program.slotCount)
    }

    /// - Parameters: What runs until the next `begin`, kept by the caller.
    func begin(_ code: UnsafePointer<Instruction>, _ children: UnsafePointer<Int32>, slotCount: Int) {
        self.code = code
        self.children = children
        self.arena.reset(limit: self.limits.memory.bytes)
        self.steps = self.limits.steps
        self.top = 0
        if slotCount > self.slotCapacity { self.growSlots(slotCount) }
    }

    @inline(never)
    private func growSlots(_ count: Int) {
        self.slots.deallocate()
        self.slots = .allocate(capacity: count)
        self.slotCapacity = count
    }

    @inline(__always)
    func instruction(_ index: Int32) -> UnsafePointer<Instruction> { self.code + Int(index) }

    @inline(__always)
    func child(_ index: Int) -> Int32 { self.children[index] }

    @inline(__always)
    func slot(_ index: Int32) -> Value { self.slots[Int(index)] }

    @inline(__always)
    func set(slot index: Int, to value: Value) { (self.slots + index).initialize(to: value) }

    /// Places for the arguments of a call, until ``pop(_:)``.
    func push(_ count: Int) -> ValueSpan {
        assert(self.top + count <= Self.stackCapacity)
        let span = ValueSpan(base: self.stack + self.top, count: count)
        self.top += count
        return span
    }

    func pop(_ span: ValueSpan) { self.top -= span.count }

    /// Pays for `count` steps.
    ///
    /// - Returns: Whether there were as many left.
    @inline(__always)
    func pay(_ count: Int) -> Bool {
        self.steps &-= count
        return self.steps >= 0
    }

    var isExhausted: Bool { self.steps < 0 || self.arena.rest < 0 }
}
