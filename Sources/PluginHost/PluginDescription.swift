/// What a plugin file says of itself.
public struct PluginDescription: Sendable, Hashable {
    /// The name in configurations.
    public var name: String
    /// For people.
    public var version: String
    /// The ABI it was built for, as `1.0`.
    public var abi: String
    /// The Swift version of the runtime that it shares with the host, as `6.3.1`; nil without one.
    public var swift: String?
    /// 32 hexadecimal digits that stand for the file's content.
    public var digest: String
    /// Where the file was found.
    public var path: String
    /// JSON Schema (2020-12) of one configuration.
    public var schema: String
    /// What it extends.
    public var kind = PluginKind.httpFilter
    /// The hooks that it has, as metrics call them: `request_head`, …
    public var phases: [String] = []
    /// Bytes that it needs for each stream.
    public var streamStateBytes = 0
    /// Of an adapter: the templates that it takes.
    public var templates: [String] = []
}

/// What a plugin extends, as `postern plugin new --kind` has it.
public enum PluginKind: String, Sendable, Hashable, CaseIterable {
    case httpFilter = "http-filter"
    case networkFilter = "network-filter"
    case adapter
}
