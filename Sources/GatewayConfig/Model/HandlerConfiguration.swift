public import Primitives

/// One configuration of an adapter.
public struct HandlerConfiguration: Sendable {
    /// What happens with records for which there is no room.
    public enum Overflow: String, Sendable, CaseIterable {
        /// They are lost, and counted.
        case drop
        /// There is room: all go through a file.
        case spool
    }

    /// What rules call it. Required. Key `name`.
    public var name: String
    /// The adapter's plugin. Required. Key `adapter`.
    public var adapter: String
    /// What the adapter's schema describes. Default an empty object. Key `config`.
    public var config = ConfigNode(.object([]))
    /// Default drop. Key `onFull`.
    public var onFull = Overflow.drop
    /// The most memory of records that wait. Default 8 MiB; 64 KiB...1 GiB. Key `queue`.
    public var queue = ByteCount.mebibytes(8)
    public var batch = DeliveryBatch()
    public var retry = DeliveryRetry()
    /// With `onFull: spool`. Key `spool`.
    public var spool: DeliverySpool?
    /// From one report of metrics to the next. Default 10s; 100ms...1h. Key `metricInterval`.
    public var metricInterval = Duration.seconds(10)
    /// Threads for checks and quotas of an adapter that may block. Default 2; 1...64. Key `threads`.
    public var threads = 2
    /// The longest wait of a request for a check or a quota that blocks. Default 1s; 1ms...24h. Key
    /// `timeout`.
    public var timeout = Duration.seconds(1)
    public var location = ConfigLocation.none

    public init(name: String, adapter: String) {
        self.name = name
        self.adapter = adapter
    }
}

/// How many records an adapter is given at once.
public struct DeliveryBatch: Sendable, Hashable {
    /// Default 512; 1...65536. Key `records`.
    public var records = 512
    /// The longest wait for more. Default 1s; 1ms...1h. Key `interval`.
    public var interval = Duration.seconds(1)

    public init() {}
}

/// When what failed is tried again: after `initial`, then twice that, and so on up to `limit`.
public struct DeliveryRetry: Sendable, Hashable {
    /// Default 100ms; 1ms...1h. Key `initial`.
    public var initial = Duration.milliseconds(100)
    /// Default 30s; 1ms...24h. Key `limit`.
    public var limit = Duration.seconds(30)

    public init() {}
}

/// Where records wait in files.
public struct DeliverySpool: Sendable, Hashable {
    /// The folder; the handler has one of its own in it. Required. Key `path`.
    public var path = ""
    /// The most bytes on disk. Default 256 MiB; 16 MiB...1024 GiB. Key `limit`.
    public var limit = ByteCount.mebibytes(256)

    public init() {}
}
