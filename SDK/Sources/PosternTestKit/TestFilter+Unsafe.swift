internal import CPosternABI
public import PosternSDK

/// A filter that was configured, in one worker.
public final class TestFilter {
    // SAFETY: `hooks` is a copy of a plugin's table, which lives as long as the process; `config` and
    // `worker` are the plugin's, given back to it in deinit; `place` outlives both.
    let host: TestHost
    private let place: TestPlace
    private let hooks: postern_http_filter
    private let config: UnsafeMutableRawPointer?
    private let worker: UnsafeMutableRawPointer?

    var stateBytes: Int { self.hooks.stream_state_bytes }

    init(_ plugin: UnsafePointer<postern_plugin>, _ json: String, _ host: TestHost) throws {
        self.host = host
        let name = String(cString: plugin.pointee.name)
        guard
            let find = plugin.pointee.extension, let found = find(plugin, POSTERN_EXTENSION_HTTP_FILTER)
        else { throw TestConfigRefused(problems: [ConfigProblem("", "'\(name)' has no HTTP filter")]) }
        let table = found.assumingMemoryBound(to: postern_http_filter.self)
        let hooks = copiedTable(table, bytes: table.pointee.size, postern_http_filter())
        let place = TestPlace(name: name, host: host)
        let made = try place.configured(json, destroy: hooks.config_destroy) {
            hooks.config_create?(table, place.pointer, $0, &$1)
        }
        self.worker = try place.worker(made, create: hooks.worker_create, destroy: hooks.config_destroy)
        self.hooks = hooks
        self.place = place
        self.config = made
    }

    /// The place of a filter of another kind, without hooks: its streams have memory and services.
    init(_ place: TestPlace, stateBytes: Int) {
        var hooks = postern_http_filter()
        hooks.stream_state_bytes = stateBytes
        (self.host, self.place, self.hooks) = (place.host, place, hooks)
        (self.config, self.worker) = (nil, nil)
    }

    deinit {
        self.hooks.worker_destroy?(self.config, self.worker)
        self.host.pending.removeAll { $0.place === self.place }
        self.hooks.config_destroy?(self.config)
    }

    /// Sends a request past the filter, as far as that lets it go.
    public func send(_ request: TestRequest = TestRequest()) -> TestExchange {
        let exchange = TestExchange(self, request)
        exchange.start()
        return exchange
    }

    func open(_ exchange: TestExchange) {
        TestStreams.add(exchange)
        self.hooks.stream_open?(self.config, self.worker, exchange.pointer, exchange.memory.start)
    }

    func close(_ exchange: TestExchange) {
        self.hooks.stream_close?(self.config, self.worker, exchange.pointer, exchange.memory.start)
        TestStreams.remove(exchange)
    }

    func complete(_ exchange: TestExchange) {
        self.hooks.complete?(self.config, self.worker, exchange.pointer, exchange.memory.start)
    }

    func call(_ hook: TestHook, _ direction: StreamDirection, _ exchange: TestExchange, end: Bool)
        -> postern_http_action
    {
        let (stream, state) = (exchange.pointer, exchange.memory.start)
        let flags = end ? POSTERN_END_OF_STREAM : 0
        let isRequest = direction == .request
        switch hook {
        case .head:
            let called = isRequest ? self.hooks.request_head : self.hooks.response_head
            return called?(self.config, self.worker, stream, state, flags) ?? 0
        case .body:
            let called = isRequest ? self.hooks.request_body : self.hooks.response_body
            return called?(self.config, self.worker, stream, state, flags) ?? 0
        case .trailers:
            let called = isRequest ? self.hooks.request_trailers : self.hooks.response_trailers
            return called?(self.config, self.worker, stream, state) ?? 0
        }
    }

    var testPlace: TestPlace { self.place }
}

extension TestExchange {
    var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

    func open() { self.filter.open(self) }
    func complete() { self.filter.complete(self) }
    func close() { self.filter.close(self) }

    /// Calls one hook; ``hasResponded`` says whether it has answered.
    func call(_ hook: TestHook, _ direction: StreamDirection, endOfStream: Bool) -> UInt32 {
        self.hasResponded = false
        defer { self.memory.forgetLent() }
        return self.filter.call(hook, direction, self, end: endOfStream)
    }
}

/// What a filter says is wrong with its configuration.
public struct TestConfigRefused: Error, Sendable, Hashable, CustomStringConvertible {
    /// With JSON pointers.
    public let problems: [ConfigProblem]

    /// One line a problem.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}

extension TestHost {
    /// Configures a filter written with the Swift SDK.
    ///
    /// The schema is the gateway's to check: `json` counts as what it has let pass, with secrets in their
    /// places.
    ///
    /// - Throws: ``TestConfigRefused`` with all that the filter reports.
    public func configure<Filter: HTTPFilter>(_ type: Filter.Type, _ json: String = "{}") throws -> TestFilter
    {
        let table = TestTables.entered { PluginEntry<Filter>.table($0) }
        guard let table else {
            throw TestConfigRefused(problems: [ConfigProblem("", "the plugin refused this host")])
        }
        return try TestFilter(table.pointer, json, self)
    }
}

/// A stream's memory: what the filter declared, and what calls have lent to it.
final class StreamMemory {
    // SAFETY: allocated in init with 16-byte alignment, as the ABI promises, and freed in deinit alone.
    let start: UnsafeMutableRawPointer
    private var lent: [UnsafeMutableRawBufferPointer] = []

    init(bytes: Int) {
        self.start = .allocate(byteCount: max(bytes, 16), alignment: 16)
        self.start.initializeMemory(as: UInt8.self, repeating: 0, count: max(bytes, 16))
    }

    deinit {
        self.forgetLent()
        self.start.deallocate()
    }

    /// A copy that lives until the present hook returns.
    func lend(_ bytes: some Collection<UInt8>) -> postern_bytes {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        copy.copyBytes(from: bytes)
        self.lent.append(copy)
        return postern_bytes(
            ptr: copy.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) },
            len: bytes.count)
    }

    /// Memory of the same life, for a copy of `bytes`.
    func lend(_ bytes: [UInt8], alignment: Int) -> UnsafeMutableRawPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(bytes.count, 1), alignment: alignment)
        copy.copyBytes(from: bytes)
        self.lent.append(copy)
        return copy.baseAddress ?? self.start
    }

    /// Overwrites what was lent, so that a view that was kept shows it.
    func forgetLent() {
        for copy in self.lent {
            copy.initializeMemory(as: UInt8.self, repeating: 0x2A)
            copy.deallocate()
        }
        self.lent = []
    }
}
