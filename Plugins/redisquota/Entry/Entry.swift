public import CPosternABI
internal import PosternSDK
internal import Redisquota

/// The plugin's one exported symbol.
@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    AdapterEntry<RedisquotaAdapter>.table(host)
}
