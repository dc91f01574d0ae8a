public import Primitives

/// How much one evaluation may cost, so that no expression can hold up a worker.
public struct EvaluationLimits: Sendable, Hashable {
    /// Instructions within rounds of macros, elements compared, and 64-byte pieces of texts made or searched.
    ///
    /// Default 100,000.
    public var steps: Int
    /// Memory for texts, lists and maps that the evaluation makes.
    ///
    /// Default 1 MiB.
    public var memory: ByteCount

    public init(steps: Int = 100_000, memory: ByteCount = .mebibytes(1)) {
        self.steps = steps
        self.memory = memory
    }

    public static let defaults = EvaluationLimits()
}
