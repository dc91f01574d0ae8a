internal import CPosternABI
public import PosternSDK

/// A network filter that was configured, in one worker.
public final class TestNetworkFilter {
    // SAFETY: as TestFilter: `hooks` is a copy of a plugin's table, `config` and `worker` are the plugin's
    // and given back to it in deinit, `base` keeps the place that outlives both.
    let base: TestFilter
    private let hooks: postern_network_filter
    private let config: UnsafeMutableRawPointer?
    private let worker: UnsafeMutableRawPointer?

    init(_ plugin: UnsafePointer<postern_plugin>, _ json: String, _ host: TestHost) throws {
        let name = String(cString: plugin.pointee.name)
        guard
            let find = plugin.pointee.extension, let found = find(plugin, POSTERN_EXTENSION_NETWORK_FILTER)
        else { throw TestConfigRefused(problems: [ConfigProblem("", "'\(name)' has no network filter")]) }
        let table = found.assumingMemoryBound(to: postern_network_filter.self)
        let hooks = copiedTable(table, bytes: table.pointee.size, postern_network_filter())
        let place = TestPlace(name: name, host: host)
        let made = try place.configured(json, destroy: hooks.config_destroy) {
            hooks.config_create?(table, place.pointer, $0, &$1)
        }
        self.worker = try place.worker(made, create: hooks.worker_create, destroy: hooks.config_destroy)
        self.hooks = hooks
        self.config = made
        self.base = TestFilter(place, stateBytes: hooks.connection_state_bytes)
    }

    deinit {
        self.hooks.worker_destroy?(self.config, self.worker)
        self.base.host.pending.removeAll { $0.place === self.base.testPlace }
        self.hooks.config_destroy?(self.config)
    }

    /// A client connects.
    ///
    /// - Parameter attributes: What is known of it, such as `source.address`.
    public func connect(attributes: [String: String] = [:]) -> TestConnection {
        let connection = TestConnection(self, attributes)
        connection.start()
        return connection
    }

    func open(_ connection: TestConnection) {
        let stream = connection.stream
        stream.open()
        self.hooks.connection_open?(self.config, self.worker, stream.pointer, stream.memory.start)
    }

    func newConnection(_ connection: TestConnection) -> NetworkAction {
        let stream = connection.stream
        return NetworkAction(
            code: self.hooks.new_connection?(self.config, self.worker, stream.pointer, stream.memory.start)
                ?? 0)
    }

    func data(_ connection: TestConnection, _ way: StreamDirection, end: Bool) -> NetworkAction {
        let stream = connection.stream
        return NetworkAction(
            code: self.hooks.data?(
                self.config, self.worker, stream.pointer, stream.memory.start, way.rawValue,
                end ? POSTERN_END_OF_STREAM : 0)
                ?? 0)
    }

    func close(_ connection: TestConnection) {
        let stream = connection.stream
        self.hooks.complete?(self.config, self.worker, stream.pointer, stream.memory.start)
        self.hooks.connection_close?(self.config, self.worker, stream.pointer, stream.memory.start)
    }
}

extension NetworkAction {
    fileprivate init(code: postern_network_action) {
        switch code {
        case UInt32(POSTERN_NETWORK_CONTINUE): self = .continue
        case UInt32(POSTERN_NETWORK_MORE): self = .more
        case UInt32(POSTERN_NETWORK_PAUSE): self = .pause
        case UInt32(POSTERN_NETWORK_CLOSE): self = .close
        default: self = .failed
        }
    }
}

extension TestHost {
    /// Configures a network filter written with the Swift SDK.
    ///
    /// The schema is the gateway's to check: `json` counts as what it has let pass, with secrets in their
    /// places.
    ///
    /// - Throws: ``TestConfigRefused`` with all that the filter reports.
    public func configure<Filter: NetworkFilter>(
        _ type: Filter.Type, _ json: String = "{}"
    ) throws -> TestNetworkFilter {
        let table = TestTables.entered { NetworkPluginEntry<Filter>.table($0) }
        guard let table else {
            throw TestConfigRefused(problems: [ConfigProblem("", "the plugin refused this host")])
        }
        return try TestNetworkFilter(table.pointer, json, self)
    }
}
