/// A filter from a plugin file.
public struct PluginFilter: Sendable {
    /// The plugin's name: the file `NAME.so` in the installed folder or one of `plugins.path`.
    ///
    /// Required; `[a-z0-9-]`, at most 64 characters. Key `plugin`.
    public var plugin: String
    /// The filter's own configuration, which the plugin's schema describes.
    ///
    /// Default an empty object. Key `config`.
    public var config: ConfigNode

    public init(plugin: String, config: ConfigNode = ConfigNode(.object([]))) {
        self.plugin = plugin
        self.config = config
    }
}
