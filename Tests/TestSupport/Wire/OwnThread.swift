internal import Foundation
public import Testing

/// Runs each test of a suite on a thread of its own, where it may block.
///
/// Swift's own threads are as many as there are cores: a few tests that wait for a socket would stop all
/// others.
public struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(ThreadExecutor.shared) { try await function() }
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

/// Gives every job a new thread.
private final class ThreadExecutor: TaskExecutor {
    static let shared = ThreadExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
