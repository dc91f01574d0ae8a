public import GatewayConfig

/// One place of a configuration that names a plugin.
public struct PluginUse: Sendable {
    /// The plugin's name.
    public var plugin: String
    /// Its configuration as written: secrets may be references.
    public var config: ConfigNode
    /// Where the filter stands, for problems that concern no value of `config`.
    public var location: ConfigLocation

    public init(plugin: String, config: ConfigNode, location: ConfigLocation) {
        self.plugin = plugin
        self.config = config
        self.location = location
    }
}

/// A use of a plugin that was checked and can be taken into use.
public struct CheckedPlugin: Sendable {
    /// What the plugin file says of itself.
    public let description: PluginDescription
    /// The configuration with literal secrets taken out, for everything that somebody may see.
    public let redacted: ConfigNode
    let copy: PluginStore.Copy
    /// With secrets: for the plugin only.
    let json: [UInt8]
}

/// What became of checking the plugins of a configuration.
public struct CheckedPlugins: Sendable {
    /// All that is wrong; with any, none of the filters may be taken into use.
    public internal(set) var problems: [ConfigProblem] = []
    /// For each use in order, what can be made of it; nil when it has a problem.
    public internal(set) var filters: [CheckedPlugin?]
    /// Files that configurations name with `{ file: PATH }`: with another content, they are others.
    public internal(set) var files: Set<String> = []
}
