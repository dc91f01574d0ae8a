public import Primitives

/// What a script may use in one call.
public struct LuaBudget: Sendable, Hashable {
    /// The most instructions of the Lua machine.
    ///
    /// Default 100000; 1000...1000000000. Key `instructions`.
    public var instructions: Int
    /// The most CPU time of the worker.
    ///
    /// Default 5ms; 100us...10s. Key `time`.
    public var time: Duration
    /// The most memory of the script's machine.
    ///
    /// Default 8MiB; 256KiB...1GiB. Key `memory`.
    public var memory: ByteCount

    public init(
        instructions: Int = 100_000, time: Duration = .milliseconds(5), memory: ByteCount = .mebibytes(8)
    ) {
        self.instructions = instructions
        self.time = time
        self.memory = memory
    }
}
