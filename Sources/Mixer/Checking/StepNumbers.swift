internal import Synchronization

/// Numbers that are given once.
enum StepNumbers {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { self.last.wrappingAdd(1, ordering: .relaxed).newValue }
}
