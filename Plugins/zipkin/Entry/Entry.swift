public import CPosternABI
internal import PosternSDK
internal import Zipkin

/// The plugin's one exported symbol.
@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    AdapterEntry<ZipkinAdapter>.table(host)
}
