internal import Filtering
internal import Primitives
internal import SharedStore
internal import Synchronization

/// The process around scripts under test: it keeps their log, and their store in memory.
final class TestHost: FilterHost, @unchecked Sendable {
    // SAFETY: the lines are in a mutex, the table is synchronised by itself.
    struct Line: Sendable {
        var level: FilterLogLevel
        var message: String
    }

    private let lines = Mutex<[Line]>([])
    private let table = KeyValueStore(capacity: .mebibytes(16))

    override init() { super.init() }

    func takeLines() -> [Line] {
        self.lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }

    override func log(_ level: FilterLogLevel, filter: String, _ message: String) {
        self.lines.withLock { $0.append(Line(level: level, message: message)) }
    }

    override func isLogged(_ level: FilterLogLevel) -> Bool { true }

    override func store(name: String) -> FilterStore { TestStore(self.table) }
}

private final class TestStore: FilterStore, @unchecked Sendable {
    // SAFETY: the table is synchronised by itself.
    private let table: KeyValueStore

    init(_ table: KeyValueStore) { self.table = table }

    private func fits(_ key: ByteView, _ value: ByteView = .empty) -> Bool {
        key.count <= Self.keyLimit && value.count <= Self.valueLimit
    }

    override func get(_ key: ByteView, now: MonotonicTime) -> [UInt8]? { self.table.get(key.bytes, now: now) }

    override func set(_ key: ByteView, _ value: ByteView, lifetime: UInt64, now: MonotonicTime) -> Bool {
        self.fits(key, value) && self.table.set(key.bytes, value.bytes, lifetime: lifetime, now: now)
    }

    override func compareAndSet(
        _ key: ByteView, expected: ByteView?, _ value: ByteView, lifetime: UInt64, now: MonotonicTime
    ) -> Bool {
        self.fits(key, value)
            && self.table.compareAndSet(
                key.bytes, expected: expected?.bytes, value.bytes, lifetime: lifetime, now: now)
    }

    override func increment(_ key: ByteView, by amount: Int64, lifetime: UInt64, now: MonotonicTime) -> Int64?
    {
        self.fits(key) ? self.table.increment(key.bytes, by: amount, lifetime: lifetime, now: now) : nil
    }

    override func remove(_ key: ByteView, now: MonotonicTime) -> Bool {
        self.table.remove(key.bytes, now: now)
    }
}
