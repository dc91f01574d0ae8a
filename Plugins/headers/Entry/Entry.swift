public import CPosternABI
internal import Headers
internal import PosternSDK

/// The plugin's one exported symbol.
@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    PluginEntry<Headers>.table(host)
}
