internal import Adapting
internal import CPosternABI
internal import Filtering
internal import Glibc

/// The table of what a plugin extends, and a copy of what the plugin filled in of it; the rest is null.
enum PluginTable {
    // SAFETY: the pointers lead to tables of a loaded object that is never closed, and that may not change
    // once the entry has returned (postern_abi.h).
    case http(UnsafePointer<postern_http_filter>, hooks: postern_http_filter)
    case network(UnsafePointer<postern_network_filter>, hooks: postern_network_filter)
    case adapter(UnsafePointer<postern_adapter>, hooks: postern_adapter)

    /// Finds and checks what the plugin extends.
    init(_ plugin: UnsafePointer<postern_plugin>) throws(PluginHandshake.Refusal) {
        guard let find = plugin.pointee.extension else { throw .noFilter }
        let http = find(plugin, POSTERN_EXTENSION_HTTP_FILTER)
        let network = find(plugin, POSTERN_EXTENSION_NETWORK_FILTER)
        let adapter = find(plugin, POSTERN_EXTENSION_ADAPTER)
        if [http, network, adapter].count(where: { $0 != nil }) > 1 { throw .twoFilters }
        if let http {
            self = try Self.http(http)
        } else if let network {
            self = try Self.network(network)
        } else if let adapter {
            self = try Self.adapter(adapter)
        } else {
            throw .noFilter
        }
    }

    private static func http(_ found: UnsafeRawPointer) throws(PluginHandshake.Refusal) -> PluginTable {
        let size = found.load(as: Int.self)
        guard size >= PluginHandshake.filterBytes else {
            throw .filterTooSmall(bytes: size, needed: PluginHandshake.filterBytes)
        }
        let filter = found.assumingMemoryBound(to: postern_http_filter.self)
        let refusal = PluginHandshake.check(
            filterSize: size, stateBytes: filter.pointee.stream_state_bytes,
            hasConfigCreate: filter.pointee.config_create != nil)
        if let refusal { throw refusal }
        var hooks = postern_http_filter()
        memcpy(&hooks, found, min(size, MemoryLayout<postern_http_filter>.size))
        return .http(filter, hooks: hooks)
    }

    private static func network(_ found: UnsafeRawPointer) throws(PluginHandshake.Refusal) -> PluginTable {
        let size = found.load(as: Int.self)
        let needed = PluginHandshake.networkFilterBytes
        guard size >= needed else { throw .filterTooSmall(bytes: size, needed: needed) }
        let filter = found.assumingMemoryBound(to: postern_network_filter.self)
        let refusal = PluginHandshake.check(
            filterSize: size, stateBytes: filter.pointee.connection_state_bytes,
            hasConfigCreate: filter.pointee.config_create != nil, needed: needed)
        if let refusal { throw refusal }
        var hooks = postern_network_filter()
        memcpy(&hooks, found, min(size, MemoryLayout<postern_network_filter>.size))
        return .network(filter, hooks: hooks)
    }

    private static func adapter(_ found: UnsafeRawPointer) throws(PluginHandshake.Refusal) -> PluginTable {
        let size = found.load(as: Int.self)
        let needed = PluginHandshake.adapterBytes
        guard size >= needed else { throw .filterTooSmall(bytes: size, needed: needed) }
        let adapter = found.assumingMemoryBound(to: postern_adapter.self)
        let refusal = PluginHandshake.check(
            filterSize: size, stateBytes: 0, hasConfigCreate: adapter.pointee.config_create != nil,
            needed: needed)
        if let refusal { throw refusal }
        var hooks = postern_adapter()
        memcpy(&hooks, found, min(size, MemoryLayout<postern_adapter>.size))
        if TemplateSet(bits: hooks.templates).all.isEmpty { throw .noTemplates }
        return .adapter(adapter, hooks: hooks)
    }

    var kind: PluginKind {
        switch self {
        case .http: .httpFilter
        case .network: .networkFilter
        case .adapter: .adapter
        }
    }

    /// The hooks that are not null, as metrics call them.
    var hookNames: [String] {
        switch self {
        case .http(_, let hooks): FilterPhase.allCases.filter(hooks.phases.contains).map { "\($0.name)" }
        case .network(_, let hooks):
            FilterPhase.allCases.filter(hooks.phases.contains).compactMap { $0.networkName.map { "\($0)" } }
        case .adapter: []
        }
    }

    /// The templates that an adapter takes.
    var templateNames: [String] {
        guard case .adapter(_, let hooks) = self else { return [] }
        return TemplateSet(bits: hooks.templates).all.map(\.name)
    }

    /// Bytes of state for each stream.
    var stateBytes: Int {
        switch self {
        case .http(_, let hooks): hooks.stream_state_bytes
        case .network(_, let hooks): hooks.connection_state_bytes
        case .adapter: 0
        }
    }

    // MARK: What all kinds have

    func createConfig(
        _ context: OpaquePointer, _ json: postern_bytes, _ out: inout UnsafeMutableRawPointer?
    ) -> postern_status? {
        switch self {
        case .http(let filter, let hooks): hooks.config_create?(filter, context, json, &out)
        case .network(let filter, let hooks): hooks.config_create?(filter, context, json, &out)
        case .adapter(let adapter, let hooks): hooks.config_create?(adapter, context, json, &out)
        }
    }

    func destroyConfig(_ config: UnsafeMutableRawPointer?) {
        switch self {
        case .http(_, let hooks): hooks.config_destroy?(config)
        case .network(_, let hooks): hooks.config_destroy?(config)
        case .adapter(_, let hooks): hooks.config_destroy?(config)
        }
    }

    /// - Returns: nil when the plugin keeps nothing for workers.
    func createWorker(
        _ config: UnsafeMutableRawPointer?, _ worker: OpaquePointer, _ index: UInt32,
        _ out: inout UnsafeMutableRawPointer?
    ) -> postern_status? {
        switch self {
        case .http(_, let hooks): hooks.worker_create?(config, worker, index, &out)
        case .network(_, let hooks): hooks.worker_create?(config, worker, index, &out)
        case .adapter: nil
        }
    }
}
