public import CPosternABI

/// Makes the table that the entry symbol of a plugin with an ``Adapter`` returns; see ``PluginEntry``.
public enum AdapterEntry<Handler: Adapter> {
    /// The plugin's table; nil when the host's ABI is another one, or lacks a service.
    public static func table(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
        if let made = madeTable(Handler.self) { return made }
        guard let host, let services = AdapterServices(host) else { return nil }
        let whole = UnsafeMutablePointer<AdapterTable>.allocate(capacity: 1)
        whole.initialize(
            to: AdapterTable(
                table: adapterTable(
                    templates: Handler.templates, isBlocking: Handler.isBlocking, outputs: Handler.outputs),
                make: { json, config in
                    do {
                        let value = try decodeConfig(Handler.Config.self, from: json)
                        let host = AdapterHost(services: services, config: config)
                        return AdapterBox(try Handler(config: value, host: host), host.log)
                    } catch {
                        reportProblem(error, services.config, config)
                        return nil
                    }
                }))
        return makePlugin(
            of: Handler.self, name: Handler.name, version: Handler.version, schema: Handler.schema,
            extension: POSTERN_EXTENSION_ADAPTER, filter: UnsafeRawPointer(whole))
    }
}

/// The adapter's table with what makes its handlers behind it.
private struct AdapterTable {
    // SAFETY: as FilterTable.
    var table: postern_adapter
    let make: ([UInt8], OpaquePointer) -> AnyAdapterBox?
}

// SAFETY: postern_adapter.h: the host passes back the `config_plug` that config_create made, until
// config_destroy.
private func with<Result>(_ config: UnsafeMutableRawPointer?, _ body: (AnyAdapterBox) -> Result) -> Result? {
    guard let config else { return nil }
    return Unmanaged<AnyAdapterBox>.fromOpaque(config)._withUnsafeGuaranteedRef(body)
}

private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)

private func adapterTable(templates: Templates, isBlocking: Bool, outputs: [OutputColumn]) -> postern_adapter
{
    var table = postern_adapter()
    table.size = MemoryLayout<postern_adapter>.size
    table.templates = templates.bits
    table.flags = isBlocking ? POSTERN_ADAPTER_BLOCKING : 0
    let columns = UnsafeMutablePointer<postern_column>.allocate(capacity: max(outputs.count, 1))
    for (index, output) in outputs.enumerated() {
        let name = UnsafePointer(staticText(output.name))
        (columns + index).initialize(
            to: postern_column(
                name: postern_bytes(
                    ptr: UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self),
                    len: output.name.utf8.count),
                type: output.type.number, reserved: 0))
    }
    table.outputs = UnsafePointer(columns)
    table.output_bytes = MemoryLayout<postern_column>.stride
    table.output_count = outputs.count
    table.config_create = { adapter, config, json, out in
        guard let adapter, let config, let out else { return badArgument }
        let whole = UnsafeRawPointer(adapter).assumingMemoryBound(to: AdapterTable.self)
        let bytes = Array(UnsafeBufferPointer(start: json.ptr, count: json.len))
        guard let box = whole.pointee.make(bytes, config) else { return postern_status(POSTERN_FAILURE) }
        out.pointee = Unmanaged.passRetained(box).toOpaque()
        return postern_status(POSTERN_OK)
    }
    table.config_destroy = { config in
        if let config { Unmanaged<AnyAdapterBox>.fromOpaque(config).release() }
    }
    table.report = { config, batch, outcomes, answer in
        guard let batch, let outcomes, let answer else { return badArgument }
        return with(config) { $0.report(batch, outcomes, answer) } ?? badArgument
    }
    table.tick = { config in with(config) { $0.tick() } }
    table.reopen = { config in with(config) { $0.reopen() } }
    table.check = { config, request, out in
        guard let request, let out else { return badArgument }
        return with(config) { $0.check(request, out) } ?? badArgument
    }
    table.quota = { config, request, out in
        guard let request, let out else { return badArgument }
        return with(config) { $0.quota(request, out) } ?? badArgument
    }
    table.generate = { config, request, out in
        guard let request, let out else { return badArgument }
        return with(config) { $0.generate(request, out) } ?? badArgument
    }
    return table
}
