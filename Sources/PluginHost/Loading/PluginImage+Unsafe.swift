internal import CPosternABI
internal import Filtering
internal import Glibc
internal import Primitives

/// A plugin file that is loaded into this process; it is never unloaded.
public final class PluginImage: @unchecked Sendable {
    // SAFETY: the pointers lead to tables of a loaded object that is never closed (`dlclose` crashes Swift
    // images), and that may not change once the entry has returned (postern_abi.h).
    let filter: PluginTable
    /// What the file says of itself.
    public let description: PluginDescription

    /// An entry is called by one thread at a time.
    private static let entries = Lock(())

    private struct Entered: @unchecked Sendable {
        let plugin: UnsafePointer<postern_plugin>?
        init(_ plugin: UnsafePointer<postern_plugin>?) { self.plugin = plugin }
    }

    private init(_ filter: PluginTable, _ description: PluginDescription) {
        self.filter = filter
        var description = description
        description.kind = filter.kind
        description.phases = filter.hookNames
        description.streamStateBytes = filter.stateBytes
        description.templates = filter.templateNames
        self.description = description
    }

    /// Loads `file` and checks its tables.
    ///
    /// Kills the process when the file is truncated or its constructors trap: use ``PluginStore``, which
    /// tries it in a child first.
    ///
    /// - Parameters:
    ///   - file: A path with a "/" that no later content of the file will have.
    ///   - origin: What messages call it.
    /// - Throws: ``PluginError`` with `unreadable` or `refused`.
    static func load(_ file: String, origin: String, digest: String) throws(PluginError) -> PluginImage {
        guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
            let why = dlerror().map { String(cString: $0) } ?? "dlopen failed"
            throw PluginError(
                code: .unreadable, message: "\(origin): cannot be loaded: \(Self.explain(why, file))")
        }
        func refuse(_ why: some CustomStringConvertible) -> PluginError {
            PluginError(code: .refused, message: "\(origin): \(why)")
        }
        guard let symbol = dlsym(handle, POSTERN_PLUGIN_ENTRY) else {
            let other = (0...9).first { dlsym(handle, "postern_plugin_entry_v\($0)") != nil }
            if let other { throw refuse(PluginHandshake.Refusal.majorVersion(plugin: UInt32(other))) }
            throw refuse("it is no plugin: it exports no symbol \(POSTERN_PLUGIN_ENTRY)")
        }
        // SAFETY: the symbol's name fixes its type (postern_abi.h).
        let entry = unsafeBitCast(
            symbol,
            to: (@convention(c) (UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>?).self
        )
        guard let plugin = Self.entries.withLock({ _ in Entered(entry(HostTables.shared.host)) }).plugin
        else {
            throw refuse(PluginHandshake.Refusal.entryReturnedNull)
        }
        if let refusal = PluginHandshake.check(size: plugin.pointee.size, version: plugin.pointee.version) {
            throw refuse(refusal)
        }
        // nil: what the process itself sees. A plugin without Swift has no such symbol, one with a runtime of
        // its own has another.
        if plugin.pointee.swift_version == 0, let found = dlsym(handle, "swift_retain"),
            found == dlsym(nil, "swift_retain")
        {
            throw refuse(PluginHandshake.Refusal.sharedRuntime)
        }
        do {
            let description = try Self.describe(plugin, origin: origin, digest: digest)
            return PluginImage(try PluginTable(plugin), description)
        } catch {
            throw refuse(error)
        }
    }

    private static func describe(
        _ plugin: UnsafePointer<postern_plugin>, origin: String, digest: String
    ) throws(PluginHandshake.Refusal) -> PluginDescription {
        let table = plugin.pointee
        let name = Self.text(table.name, limit: 65)
        if let refusal = PluginHandshake.check(name: name) { throw refusal }
        if let refusal = PluginHandshake.check(swift: table.swift_version) { throw refusal }
        guard let name else { throw .badName }
        guard let version = Self.text(table.plugin_version, limit: 64) else { throw .badVersion }
        guard let schema = Self.text(table.config_schema, limit: 1 << 20) else {
            throw .badSchema("it must be JSON text of at most 1 MiB")
        }
        return PluginDescription(
            name: name,
            version: version,
            abi: "\(table.version >> 16).\(table.version & 0xFFFF)",
            swift: table.swift_version == 0 ? nil : PluginHandshake.text(table.swift_version),
            digest: digest,
            path: origin,
            schema: schema
        )
    }

    /// A NUL-terminated text of at most `limit` bytes; nil when null, longer, or no UTF-8.
    private static func text(_ pointer: UnsafePointer<CChar>?, limit: Int) -> String? {
        guard let pointer else { return nil }
        let count = strnlen(pointer, limit + 1)
        guard count <= limit else { return nil }
        return String(validating: UnsafeRawBufferPointer(start: pointer, count: count), as: UTF8.self)
    }

    /// The loader's words without our private path, with the way out for what is common.
    private static func explain(_ why: String, _ file: String) -> String {
        let text = why.hasPrefix(file + ": ") ? String(why.dropFirst(file.utf8.count + 2)) : why
        if why.contains("libswift"), why.contains("cannot open shared object") {
            return "\(text); the host's runtime has the libraries in lib/swift only"
        }
        return text
    }
}
