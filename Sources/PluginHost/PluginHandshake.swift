internal import CPosternABI

/// Checks a plugin's tables before anything in them is called.
enum PluginHandshake {
    /// Why a plugin is refused; the text says the way out.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        case entryReturnedNull
        case majorVersion(plugin: UInt32)
        case tableTooSmall(bytes: Int, needed: Int)
        case badName
        case badVersion
        case badSchema(String)
        case swiftVersion(plugin: UInt32, host: UInt32)
        case sharedRuntime
        case noFilter
        case twoFilters
        case filterTooSmall(bytes: Int, needed: Int)
        case noConfigCreate
        case noTemplates
        case stateTooLarge(bytes: Int)

        var description: String {
            switch self {
            case .entryReturnedNull:
                "the plugin refused this host, which lacks a service that it needs; rebuild it with this SDK"
            case .majorVersion(let plugin):
                "built for version \(plugin) of the ABI, this host speaks version \(POSTERN_ABI_MAJOR); "
                    + "build it again with this SDK"
            case .tableTooSmall(let bytes, let needed):
                "the plugin's table has \(bytes) bytes, needs \(needed); rebuild it with this SDK"
            case .badName: "the plugin's name must match [a-z0-9-]{1,64}"
            case .badVersion: "the plugin's version must be text of at most 64 bytes"
            case .badSchema(let why): "the plugin's configuration schema is unusable: \(why)"
            case .swiftVersion(let plugin, let host):
                "built with Swift \(text(plugin)), this host runs Swift \(text(host)), and Swift has no "
                    + "stable ABI on Linux; rebuild it with Swift \(text(host)) or with a static runtime "
                    + "(\(PluginHandshake.staticBuild))"
            case .sharedRuntime:
                "it says that it brings a Swift runtime of its own, and links the host's; "
                    + "rebuild it with \(PluginHandshake.staticBuild)"
            case .noFilter: "the plugin has no HTTP filter, no network filter and no adapter"
            case .twoFilters:
                "the plugin has more than one of HTTP filter, network filter and adapter; "
                    + "make several plugins of it"
            case .filterTooSmall(let bytes, let needed):
                "the table of the filter or adapter has \(bytes) bytes, needs \(needed); "
                    + "rebuild it with this SDK"
            case .noConfigCreate: "the table of the filter or adapter lacks config_create"
            case .noTemplates: "the adapter takes no template that this host knows"
            case .stateTooLarge(let bytes):
                "the filter wants \(bytes) bytes for each stream, \(PluginHandshake.largestState) at most"
            }
        }
    }

    /// What makes a plugin with a runtime of its own. `--static-swift-stdlib` would do so for programs only.
    static let staticBuild =
        "swift build -c release -Xswiftc -static-stdlib -Xswiftc -DPOSTERN_STATIC_RUNTIME"
    /// The parts of the tables that ABI 1.0 had; later fields are optional.
    static let pluginBytes = Int(POSTERN_PLUGIN_SIZE_1_0)
    static let filterBytes = Int(POSTERN_HTTP_FILTER_SIZE_1_0)
    static let networkFilterBytes = Int(POSTERN_NETWORK_FILTER_SIZE_1_0)
    static let adapterBytes = Int(POSTERN_ADAPTER_SIZE_1_0)
    /// The most bytes of state a stream; postern_http_filter.h.
    static let largestState = 65_536

    /// What stands at the table's fixed beginning.
    static func check(size: Int, version: UInt32) -> Refusal? {
        let major = version >> 16
        if major != UInt32(POSTERN_ABI_MAJOR) { return .majorVersion(plugin: major) }
        if size < self.pluginBytes { return .tableTooSmall(bytes: size, needed: self.pluginBytes) }
        return nil
    }

    static func check(name: String?) -> Refusal? {
        guard let name, (1...64).contains(name.utf8.count) else { return .badName }
        let isAllowed = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        return isAllowed ? nil : .badName
    }

    /// - Parameter swift: 0 without Swift, or with a runtime of its own.
    static func check(swift: UInt32, host: UInt32 = postern_swift_compiler_version()) -> Refusal? {
        swift == 0 || swift == host ? nil : .swiftVersion(plugin: swift, host: host)
    }

    /// - Parameter needed: What the table had in ABI 1.0.
    static func check(
        filterSize: Int, stateBytes: Int, hasConfigCreate: Bool, needed: Int = Self.filterBytes
    ) -> Refusal? {
        if filterSize < needed { return .filterTooSmall(bytes: filterSize, needed: needed) }
        if !hasConfigCreate { return .noConfigCreate }
        if stateBytes > self.largestState { return .stateTooLarge(bytes: stateBytes) }
        return nil
    }

    /// `60301` as `6.3.1`.
    static func text(_ swift: UInt32) -> String { "\(swift / 10000).\(swift / 100 % 100).\(swift % 100)" }
}

private func text(_ swift: UInt32) -> String { PluginHandshake.text(swift) }
