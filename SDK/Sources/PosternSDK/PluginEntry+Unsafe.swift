public import CPosternABI

/// Makes the table that a plugin's entry symbol returns.
///
/// The whole of a plugin's entry file:
///
///     public import CPosternABI
///     internal import KeyAuth
///     internal import PosternSDK
///
///     @c(postern_plugin_entry_v1)
///     public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
///         PluginEntry<KeyAuth>.table(host)
///     }
public enum PluginEntry<Filter: HTTPFilter> {
    /// The plugin's table; nil when the host's ABI is another one or lacks a service.
    ///
    /// Made at the first call and never freed. The host calls the entry from one thread at a time.
    @inlinable
    public static func table(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
        if let made = madeTable(Filter.self) { return made }
        guard let host, let services = serviceTable(host) else { return nil }
        return pluginTable(
            of: Filter.self,
            name: Filter.name,
            version: Filter.version,
            schema: Filter.schema,
            hooks: Self.hooks(),
            stateBytes: MemoryLayout<Filter.StreamState>.size,
            hasState: Filter.StreamState.self != Void.self,
            factory: FilterFactory<Filter>(services)
        )
    }

    @inlinable
    static func hooks() -> ImplementedHooks {
        ImplementedHooks(
            requestHead: Filter.RequestHeadResult.self != NotImplemented.self,
            requestBody: Filter.RequestBodyResult.self != NotImplemented.self,
            requestTrailers: Filter.RequestTrailersResult.self != NotImplemented.self,
            responseHead: Filter.ResponseHeadResult.self != NotImplemented.self,
            responseBody: Filter.ResponseBodyResult.self != NotImplemented.self,
            responseTrailers: Filter.ResponseTrailersResult.self != NotImplemented.self,
            complete: Filter.CompleteResult.self != NotImplemented.self
        )
    }
}

/// Which hooks the author wrote.
@usableFromInline
struct ImplementedHooks {
    let requestHead, requestBody, requestTrailers, responseHead, responseBody, responseTrailers,
        complete: Bool

    @usableFromInline
    init(
        requestHead: Bool, requestBody: Bool, requestTrailers: Bool,
        responseHead: Bool, responseBody: Bool, responseTrailers: Bool, complete: Bool
    ) {
        self.requestHead = requestHead
        self.requestBody = requestBody
        self.requestTrailers = requestTrailers
        self.responseHead = responseHead
        self.responseBody = responseBody
        self.responseTrailers = responseTrailers
        self.complete = complete
    }
}

@usableFromInline
func serviceTable(_ host: UnsafePointer<postern_host>) -> UnsafePointer<Services>? {
    guard host.pointee.version >> 16 == UInt32(POSTERN_ABI_MAJOR), let services = Services(host) else {
        return nil
    }
    let table = UnsafeMutablePointer<Services>.allocate(capacity: 1)
    table.initialize(to: services)
    return UnsafePointer(table)
}

/// The plugin's table with what its callbacks need behind it.
private struct PluginTable {
    var table: postern_plugin
    let `extension`: UInt32
    let filter: UnsafeRawPointer
}

/// The filter's table with what makes its filters behind it.
struct FilterTable {
    // SAFETY: `table` is the first member, so a pointer to it, which the host passes back to config_create,
    // is one to the whole. Tables are never freed.
    var table: postern_http_filter
    let factory: Unmanaged<AnyFilterFactory>
}

// SAFETY: postern_abi.h: the entry, and nothing else, comes here, from one thread at a time.
private nonisolated(unsafe) var tables: [ObjectIdentifier: UnsafePointer<postern_plugin>] = [:]

@usableFromInline
func madeTable(_ filter: Any.Type) -> UnsafePointer<postern_plugin>? {
    tables[ObjectIdentifier(filter)]
}

@usableFromInline
func pluginTable(
    of type: any HTTPFilter.Type, name: String, version: String, schema: String, hooks: ImplementedHooks,
    stateBytes: Int, hasState: Bool,
    factory: AnyFilterFactory
) -> UnsafePointer<postern_plugin> {
    let filter = UnsafeMutablePointer<FilterTable>.allocate(capacity: 1)
    filter.initialize(
        to: FilterTable(
            table: filterTable(hooks: hooks, stateBytes: stateBytes, hasState: hasState),
            factory: Unmanaged.passRetained(factory)
        )
    )
    return makePlugin(
        of: type, name: name, version: version, schema: schema, extension: POSTERN_EXTENSION_HTTP_FILTER,
        filter: UnsafeRawPointer(filter))
}

/// The plugin's table, whatever it extends.
///
/// - Parameter filter: The extension's table, which is never freed.
func makePlugin(
    of type: Any.Type, name: String, version: String, schema: String, extension id: UInt32,
    filter: UnsafeRawPointer
) -> UnsafePointer<postern_plugin> {
    #if POSTERN_STATIC_RUNTIME
        let swiftVersion: UInt32 = 0
    #else
        let swiftVersion = postern_swift_compiler_version()
    #endif
    let plugin = UnsafeMutablePointer<PluginTable>.allocate(capacity: 1)
    plugin.initialize(
        to: PluginTable(
            table: postern_plugin(
                size: MemoryLayout<postern_plugin>.size,
                version: UInt32(POSTERN_ABI_MAJOR) << 16 | UInt32(POSTERN_ABI_MINOR),
                swift_version: swiftVersion,
                name: staticText(name),
                plugin_version: staticText(version),
                config_schema: staticText(schema),
                extension: { plugin, id in
                    guard let plugin else { return nil }
                    let whole = UnsafeRawPointer(plugin).assumingMemoryBound(to: PluginTable.self)
                    return id == whole.pointee.extension ? whole.pointee.filter : nil
                }
            ),
            extension: id,
            filter: filter
        )
    )
    let table = UnsafeRawPointer(plugin).assumingMemoryBound(to: postern_plugin.self)
    tables[ObjectIdentifier(type)] = table
    return table
}

/// A copy with a NUL behind it that lives for ever.
func staticText(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    return UnsafePointer(copy.baseAddress.unsafelyUnwrapped)
}
