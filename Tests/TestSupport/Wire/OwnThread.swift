internal import Foundation
internal import Primitives
public import Testing

/// Runs each test of a suite on a thread of its own, where it may block.
///
/// Swift's own threads are as many as there are cores: a few tests that wait for a socket would stop all
/// others. So many at once that the cores are busy, and no more: hundreds of them with their servers would
/// make each other late.
public struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal private static var hasTurn = false
    private static let turns = Turns(4 * ProcessInfo.processInfo.activeProcessorCount)

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        // A suite within another has the trait twice.
        guard testCase != nil, !Self.hasTurn else { return try await function() }
        await Self.turns.take()
        defer { Self.turns.give() }
        try await Self.$hasTurn.withValue(true) {
            try await withTaskExecutorPreference(ThreadExecutor.shared) { try await function() }
        }
    }
}

extension Trait where Self == OwnThread {
    /// The test may block its thread.
    public static var ownThread: Self { Self() }
}

/// Runs `body`, which may block, on a thread of its own.
public func onOwnThread<Value>(_ body: () async throws -> Value) async rethrows -> Value {
    try await withTaskExecutorPreference(ThreadExecutor.shared) { try await body() }
}

/// A number of permits, given in the order in which they are asked for.
private final class Turns: Sendable {
    private let state: Lock<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ count: Int) { self.state = Lock((count, [])) }

    func take() async {
        await withCheckedContinuation { asking in
            let isFree = self.state.withLock { state in
                if state.free == 0 { state.waiting.append(asking) } else { state.free -= 1 }
                return state.waiting.isEmpty
            }
            if isFree { asking.resume() }
        }
    }

    func give() {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}

/// Gives every job a new thread.
private final class ThreadExecutor: TaskExecutor {
    static let shared = ThreadExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
