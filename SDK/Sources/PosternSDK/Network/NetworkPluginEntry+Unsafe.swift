public import CPosternABI

/// Makes the table that the entry symbol of a plugin with a ``NetworkFilter`` returns; see ``PluginEntry``.
public enum NetworkPluginEntry<Filter: NetworkFilter> {
    /// The plugin's table; nil when the host's ABI is another one, or lacks a service: network filters need
    /// one of a host that has them.
    @inlinable
    public static func table(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
        if let made = madeTable(Filter.self) { return made }
        guard let host, let services = serviceTable(host), services.pointee.network != nil else { return nil }
        return networkPluginTable(
            of: Filter.self, name: Filter.name, version: Filter.version, schema: Filter.schema,
            stateBytes: MemoryLayout<Filter.ConnectionState>.size,
            hasState: Filter.ConnectionState.self != Void.self, factory: NetworkFactory<Filter>(services))
    }
}

/// The filter's table with what makes its filters behind it.
private struct NetworkTable {
    // SAFETY: as FilterTable.
    var table: postern_network_filter
    let factory: Unmanaged<AnyFilterFactory>
}

@usableFromInline
func networkPluginTable(
    of type: Any.Type, name: String, version: String, schema: String, stateBytes: Int, hasState: Bool,
    factory: AnyFilterFactory
) -> UnsafePointer<postern_plugin> {
    let filter = UnsafeMutablePointer<NetworkTable>.allocate(capacity: 1)
    filter.initialize(
        to: NetworkTable(
            table: networkTable(stateBytes: stateBytes, hasState: hasState),
            factory: Unmanaged.passRetained(factory)))
    return makePlugin(
        of: type, name: name, version: version, schema: schema,
        extension: POSTERN_EXTENSION_NETWORK_FILTER, filter: UnsafeRawPointer(filter))
}

private let failed = postern_network_action(POSTERN_NETWORK_FAILED)

private func networkTable(stateBytes: Int, hasState: Bool) -> postern_network_filter {
    var table = postern_network_filter()
    table.size = MemoryLayout<postern_network_filter>.size
    table.connection_state_bytes = hasState ? stateBytes : 0
    table.config_create = { filter, config, json, out in
        guard let filter, let config, let out else { return postern_status(POSTERN_BAD_ARGUMENT) }
        let whole = UnsafeRawPointer(filter).assumingMemoryBound(to: NetworkTable.self)
        return createBox(whole.pointee.factory, config, json, out)
    }
    table.config_destroy = { config in destroyBox(config) }
    if hasState {
        table.connection_open = { config, _, _, state in openState(config, state) }
        table.connection_close = { config, _, _, state in closeState(config, state) }
    }
    table.new_connection = { config, _, stream, state in
        guard let stream, let state else { return failed }
        return withBox(config) { (box: AnyNetworkBox) in box.newConnection(stream, state) } ?? failed
    }
    table.data = { config, _, stream, state, way, flags in
        guard let stream, let state, let way = StreamDirection(rawValue: way) else { return failed }
        return withBox(config) { (box: AnyNetworkBox) in box.data(stream, state, way, isEnd(flags)) }
            ?? failed
    }
    table.complete = { config, _, stream, state in complete(config, stream, state) }
    return table
}
