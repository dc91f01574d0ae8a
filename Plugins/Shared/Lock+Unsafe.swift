internal import Glibc

/// A value that one thread at a time may use, as `Synchronization.Mutex`; but the thread sanitizer, which
/// does not see a `Mutex` on Linux, knows pthread's.
public struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // SAFETY: both are allocated here, initialised once and freed in deinit; `value` is touched with `mutex`
    // held only. `@unchecked Sendable`, as Mutex is for any value: it is handed in and lent out by `sending`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// Guards `initial`.
    public init(_ initial: consuming sending Value) {
        self.mutex = .allocate(capacity: 1)
        self.mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(self.mutex, nil)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: initial)
    }

    deinit {
        pthread_mutex_destroy(self.mutex)
        self.mutex.deallocate()
        self.value.deinitialize(count: 1)
        self.value.deallocate()
    }

    /// Runs `body` with the value while no other thread has it. Not from within another `withLock` of the
    /// same lock.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return try body(&self.value.pointee)
    }
}
