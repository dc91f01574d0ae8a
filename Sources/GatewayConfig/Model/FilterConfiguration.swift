/// One filter at one place of a chain.
public struct FilterConfiguration: Sendable {
    /// What carries out a filter.
    public enum Implementation: Sendable {
        case plugin(PluginFilter)
        case lua(LuaFilter)
    }

    /// What `filterConfig`, metrics and logs call it.
    ///
    /// Default the plugin's name, or the script's file name without `.lua`; `[A-Za-z0-9._-]`, at most 64
    /// characters. Key `name`.
    public var name: String
    /// The plugin or script.
    ///
    /// Required: exactly one of the keys `plugin` and `lua`.
    public var implementation: Implementation
    /// Where in the file it stands.
    public var location: ConfigLocation

    public init(name: String, implementation: Implementation, location: ConfigLocation = .none) {
        self.name = name
        self.implementation = implementation
        self.location = location
    }
}
