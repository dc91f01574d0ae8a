internal import CPosternABI
internal import PosternSDK
internal import Synchronization

/// What a `postern_config_host` and a `postern_worker_host` point at.
final class TestPlace {
    let name: String
    let host: TestHost
    var isConfiguring = false
    var problems: [ConfigProblem] = []
    var attributes: [TestAttribute] = []
    var services: [String] = []
    /// What a gateway would say about services that its configuration lacks.
    var missingServices: [ConfigProblem] = []
    var stores: [String] = []
    var buckets: [String] = []
    /// Whose place it is, when that is an adapter.
    weak var handler: TestHandler?

    init(name: String, host: TestHost) {
        self.name = name
        self.host = host
    }

    // SAFETY: TestFilter keeps the place until config_destroy has returned.
    var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

    static func from(_ pointer: OpaquePointer?) -> TestPlace? {
        pointer.map { Unmanaged<TestPlace>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    /// The place while `config_create` runs; nil at other times.
    static func configuring(_ pointer: OpaquePointer?) -> TestPlace? {
        guard let place = Self.from(pointer), place.isConfiguring else { return nil }
        return place
    }

    func add(_ name: String, to list: WritableKeyPath<TestPlace, [String]>) -> UInt32 {
        var place = self
        place[keyPath: list].append(name)
        return UInt32(place[keyPath: list].count - 1)
    }
}

extension TestPlace {
    /// Runs a plugin's `config_create`.
    ///
    /// - Returns: What it has made of the configuration.
    func configured(
        _ json: String, destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?,
        _ create: (postern_bytes, inout UnsafeMutableRawPointer?) -> postern_status?
    ) throws -> UnsafeMutableRawPointer? {
        var config: UnsafeMutableRawPointer?
        self.isConfiguring = true
        let status = lend(Array(json.utf8)) { create($0, &config) }
        self.isConfiguring = false
        guard status == 0 else {
            throw TestConfigRefused(
                problems: self.problems.isEmpty
                    ? [ConfigProblem("", "the plugin refused it without a reason")] : self.problems)
        }
        guard self.missingServices.isEmpty else {
            destroy?(config)
            throw TestConfigRefused(problems: self.missingServices)
        }
        return config
    }

    /// Runs a plugin's `worker_create`, when it has one.
    func worker(
        _ config: UnsafeMutableRawPointer?,
        create: (
            @convention(c) (
                UnsafeMutableRawPointer?, OpaquePointer?, UInt32,
                UnsafeMutablePointer<UnsafeMutableRawPointer?>?
            ) -> postern_status
        )?, destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    ) throws -> UnsafeMutableRawPointer? {
        var worker: UnsafeMutableRawPointer?
        if let create, create(config, self.pointer, 0, &worker) != 0 {
            destroy?(config)
            throw TestConfigRefused(problems: [ConfigProblem("", "worker_create failed")])
        }
        return worker
    }
}

/// As much of a plugin's table as it has, over one of nothing: `bytes` of it can be read.
func copiedTable<Table>(_ table: UnsafePointer<Table>, bytes: Int, _ empty: Table) -> Table {
    var copy = empty
    withUnsafeMutableBytes(of: &copy) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: table, count: min(bytes, $0.count)))
    }
    return copy
}

/// The streams that are alive, so that a pointer kept past one's life is noticed.
enum TestStreams {
    // SAFETY: an entry is removed before its exchange can be freed (TestFilter.close, in deinit at the
    // latest); exchanges are used by their test's thread alone.
    private struct Box: @unchecked Sendable {
        var live: [UInt: Unmanaged<TestExchange>] = [:]
        var ids: [UInt64: UInt] = [:]
        var made: UInt64 = 0
    }
    private static let box = Mutex(Box())

    static func add(_ exchange: TestExchange) {
        let (key, value) = (UInt(bitPattern: exchange.pointer), Unmanaged.passUnretained(exchange))
        Self.box.withLock { $0.live[key] = value }
    }

    static func remove(_ exchange: TestExchange) {
        let (key, id) = (UInt(bitPattern: exchange.pointer), exchange.id)
        Self.box.withLock {
            $0.live[key] = nil
            $0.ids[id] = nil
        }
    }

    /// Nil when the stream is over.
    static func find(_ pointer: OpaquePointer?) -> TestExchange? {
        let key = UInt(bitPattern: pointer)
        return Self.box.withLock { $0.live[key] }?.takeUnretainedValue()
    }

    static func id(of exchange: TestExchange) -> UInt64 {
        if exchange.id != 0 { return exchange.id }
        let key = UInt(bitPattern: exchange.pointer)
        exchange.id = Self.box.withLock {
            $0.made += 1
            $0.ids[$0.made] = key
            return $0.made
        }
        return exchange.id
    }

    /// From any thread; the exchange itself is for its own.
    static func host(of id: UInt64) -> TestHost? {
        Self.box.withLock { box in box.ids[id].flatMap { box.live[$0] }?.takeUnretainedValue().filter.host }
    }

    static func find(id: UInt64) -> TestExchange? {
        Self.box.withLock { box in box.ids[id].flatMap { box.live[$0] } }?.takeUnretainedValue()
    }
}

/// Work of another thread for a stream.
struct PostedWork: @unchecked Sendable {
    // SAFETY: `call` is released with the last reference; `work` runs on the test's thread.
    let id: UInt64
    let call: UserCall
    let work: postern_stream_work?

    func run() {
        guard let exchange = TestStreams.find(id: self.id) else { return }
        exchange.arrive { self.work?(self.call.user, exchange.pointer, exchange.memory.start) }
    }
}

/// What a plugin handed over with something that it waits for; released with the last reference.
final class UserCall: @unchecked Sendable {
    // SAFETY: immutable; the ABI lets `release` run on any thread.
    let user: UnsafeMutableRawPointer?
    private let release: postern_release?

    init(_ user: UnsafeMutableRawPointer?, _ release: postern_release?) {
        self.user = user
        self.release = release
    }

    deinit { self.release?(self.user) }
}

/// Something that a filter waits for.
struct PendingWork {
    let id: UInt64
    let deadline: Duration
    /// Whose; nil for work of the worker's.
    let owner: ObjectIdentifier?
    private weak var exchange: TestExchange?
    let place: TestPlace
    /// nil for a timer.
    let callout: TestCallout?
    /// Is given the stream and its state, null for work of the worker's.
    typealias Fire = (OpaquePointer?, UnsafeMutableRawPointer?, Result<TestResponse, CalloutFailure>) -> Void
    private let fire: Fire

    init(_ waiter: TestWaiter, deadline: Duration, callout: TestCallout? = nil, _ fire: @escaping Fire) {
        let host = waiter.place.host
        host.pendingMade += 1
        self.id = host.pendingMade
        self.deadline = deadline
        self.exchange = waiter.exchange
        self.owner = waiter.exchange.map(ObjectIdentifier.init)
        self.place = waiter.place
        self.callout = callout
        self.fire = fire
        host.pending.append(self)
    }

    func answer(_ result: Result<TestResponse, CalloutFailure>) {
        var result = result
        if case .success(let response) = result, response.body.bytes.count > self.callout?.answerLimit ?? 0 {
            result = .failure(.tooLarge)
        }
        self.arrive(result)
    }

    /// The time has come: a timer fires, a callout fails.
    func expire() { self.arrive(.failure(.timedOut)) }

    private func arrive(_ result: Result<TestResponse, CalloutFailure>) {
        if self.owner == nil { return self.fire(nil, nil, result) }
        guard let exchange = self.exchange else { return }
        exchange.arrive { self.fire(exchange.pointer, exchange.memory.start, result) }
    }
}

/// On whose behalf a plugin waits.
struct TestWaiter {
    let call: UserCall
    let exchange: TestExchange?
    let place: TestPlace

    /// Nil unless exactly one of stream and worker is set, and alive.
    init?(_ pointer: UnsafePointer<postern_waiter>?, keeps: Bool = true) {
        guard let waiter = pointer?.pointee, waiter.size >= POSTERN_WAITER_SIZE_1_0 else { return nil }
        self.call = UserCall(waiter.user_plug, keeps ? waiter.release : nil)
        if let exchange = TestStreams.find(waiter.stream), waiter.worker == nil {
            self.exchange = exchange
            self.place = exchange.filter.testPlace
        } else if waiter.stream == nil, let place = TestPlace.from(waiter.worker) {
            self.exchange = nil
            self.place = place
        } else {
            return nil
        }
    }
}

extension TestExchange {
    /// Runs a callback of the filter, then what that made possible.
    func arrive(_ body: () -> Void) {
        if self.isOver { return }
        self.hasResponded = false
        body()
        self.memory.forgetLent()
        if let connection = self.connection { return connection.settle() }
        self.settle()
    }
}

/// Lends bytes to a call of the plugin.
func lend<Result>(_ bytes: [UInt8], _ body: (postern_bytes) -> Result) -> Result {
    // SAFETY: the plugin copies what it keeps.
    bytes.withUnsafeBufferPointer { body(postern_bytes(ptr: $0.baseAddress, len: $0.count)) }
}

extension postern_bytes {
    /// A copy; nil for a null pointer with a length.
    var copy: [UInt8]? {
        if self.len > 0, self.ptr == nil { return nil }
        return Array(UnsafeBufferPointer(start: self.ptr, count: self.len))
    }

    var string: String? { self.copy.map { String(decoding: $0, as: UTF8.self) } }
}
