internal import CPosternABI
public import Filtering
internal import Primitives

/// One configuration of one plugin file: what a snapshot keeps of a native filter.
///
/// The plugin's config object is destroyed with the last reference, so a generation drains by itself.
public final class PluginBlueprint: FilterBlueprint, @unchecked Sendable {
    // SAFETY: all is immutable after init; `config` is used by the plugin's hooks alone, which are made for
    // many threads (postern_http_filter.h).
    let image: PluginImage
    let context: ConfigContext
    let config: UnsafeMutableRawPointer?

    /// Stands for file content, place and configuration: a blueprint with the same key is the same filter.
    public let key: String

    static func key(image: PluginImage, name: String, place: String, json: [UInt8]) -> String {
        "\(image.description.digest) \(ContentDigest(of: json)) \(place) \(name)"
    }

    /// Services that the filter calls.
    public var services: [ServiceUse] { self.context.services }

    /// What the plugin file says of itself.
    public var description: PluginDescription { self.image.description }

    /// Configures the plugin; runs its `config_create` in this process.
    ///
    /// - Parameters:
    ///   - name: The filter's name in metrics and logs.
    ///   - place: Distinguishes what reloads keep of this filter (token buckets) from that of others.
    ///   - json: A configuration that the plugin's schema accepts, with secrets resolved.
    /// - Throws: ``PluginError`` with `badConfiguration` and all problems.
    public init(
        image: PluginImage, name: String, place: String, json: [UInt8], host: FilterHost
    ) throws(PluginError) {
        let context = ConfigContext(filter: name, place: place, host: host)
        self.config = try context.configure(image, json)
        self.image = image
        self.context = context
        self.key = Self.key(image: image, name: name, place: place, json: json)
        super.init(name: name, isNetwork: image.description.kind == .networkFilter)
    }

    deinit { self.image.filter.destroyConfig(self.config) }

    public override func makeFilter(_ worker: FilterWorker) -> Filter {
        var state: UnsafeMutableRawPointer?
        let context = WorkerContext(worker, self.context)
        let status = self.image.filter.createWorker(
            self.config, OpaquePointer(Unmanaged.passUnretained(context).toOpaque()),
            UInt32(clamping: worker.index), &state)
        guard status == nil || status == postern_status(POSTERN_OK) else {
            context.end()
            self.context.host.log(
                .error, filter: self.name,
                "worker_create failed in worker \(worker.index): "
                    + (self.isNetwork ? "every connection is closed" : "every request gets 500")
            )
            return self.isNetwork ? FailedNetworkFilter() : FailedFilter()
        }
        let place = NativePlace(self, context, worker: state)
        switch self.image.filter {
        case .http(_, let hooks): return NativeFilter(place, hooks)
        case .network(_, let hooks): return NativeNetworkFilter(place, hooks)
        // Where filters stand, the configuration's check lets no adapter pass.
        case .adapter: return FailedFilter()
        }
    }
}

/// Stands for a filter that could not be made in a worker: requests must not pass without it.
private final class FailedFilter: Filter {
    init() { super.init(phases: FilterPhases(.requestHead), stateSize: 0) }

    override func requestHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        .failed
    }
}

/// As ``FailedFilter``, for connections.
private final class FailedNetworkFilter: NetworkFilter {
    init() { super.init(phases: FilterPhases(.requestHead), stateSize: 0) }

    override func connected(_ stream: NetworkStream, _ slot: FilterSlot) -> NetworkAction { .failed }
}
