public import CPosternABI
internal import BodyLimit
internal import PosternSDK

/// The plugin's one exported symbol.
@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    PluginEntry<BodyLimit>.table(host)
}
