internal import BehaviourFilter
public import CPosternABI
internal import PosternSDK

@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    PluginEntry<BehaviourFilter>.table(host)
}
