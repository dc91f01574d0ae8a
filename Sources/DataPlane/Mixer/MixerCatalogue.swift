internal import Adapting
internal import Filtering
internal import GatewayConfig
internal import Mixer
internal import PluginHost
internal import Primitives
internal import Telemetry

/// Turns the mixer's part of a configuration into a plan, and keeps what is running: a handler that a reload
/// leaves as it was goes on, with its queue and its connection.
///
/// For the control thread.
final class MixerCatalogue {
    let pipeline: ReportPipeline
    private let plugins: PluginStore
    private let host: FilterHost
    /// The gateway's own metrics.
    private let admin: HandlerSeries
    private var running: [String: Running] = [:]
    private var compiled = CompiledMixer.empty
    /// Handlers that no configuration has any more; exchanges in flight may still report to them.
    private var retired: [HandlerDelivery] = []

    fileprivate struct Running {
        let adapter: NativeAdapter
        let options: DeliveryOptions
        let threads: Int
        let live: LiveHandler

        /// The same, whose answers are waited for as long as said.
        func with(timeout: UInt64) -> Running {
            let live = LiveHandler(
                self.live.handler, self.live.delivery, self.live.metrics, self.live.threads, timeout: timeout)
            return Running(adapter: self.adapter, options: self.options, threads: self.threads, live: live)
        }
    }

    /// The mixer of one configuration, and what is wrong with it.
    struct Resolved {
        var problems: [ConfigProblem] = []
        fileprivate var configuration = MixerConfiguration()
        fileprivate(set) var compiled = CompiledMixer.empty
        fileprivate var adapters: [String: NativeAdapter] = [:]
        /// By the plugin's name: tells which fields are secret.
        var schemas: [String: PluginSchema] = [:]
        /// Files whose change makes another configuration.
        var watched: Set<String> = []
    }

    init(telemetry: TelemetryProcess, plugins: PluginStore, host: FilterHost) {
        self.plugins = plugins
        self.host = host
        self.pipeline = ReportPipeline(telemetry.registry, log: telemetry.log)
        self.admin = HandlerSeries(
            registry: telemetry.registry, started: WallTime.now().nanosecondsSinceEpoch)
    }

    /// - Parameter directory: What relative paths of secrets are relative to.
    func resolve(_ configuration: GatewayConfiguration, directory: String) -> Resolved {
        var resolved = Resolved()
        let mixer = configuration.wholeMixer
        let facts = self.resolveHandlers(mixer.handlers, configuration.pluginPath, directory, &resolved)
        let (compiled, problems) = CompiledMixer.compile(
            mixer, handlers: facts, keeping: self.compiled)
        resolved.configuration = mixer
        resolved.compiled = compiled
        resolved.problems += problems
        return resolved
    }

    private func resolveHandlers(
        _ handlers: [HandlerConfiguration], _ paths: [String], _ directory: String,
        _ resolved: inout Resolved
    ) -> [String: HandlerFacts] {
        let uses = handlers.map { PluginUse(plugin: $0.adapter, config: $0.config, location: $0.location) }
        let checked = self.plugins.check(uses, search: PluginSearch(paths: paths), directory: directory)
        resolved.problems += checked.problems
        resolved.watched.formUnion(checked.files)
        guard checked.problems.isEmpty else { return [:] }
        var facts: [String: HandlerFacts] = [:]
        for (handler, plugin) in zip(handlers, checked.filters) {
            guard let plugin else { continue }
            do {
                let adapter = try self.plugins.makeHandler(
                    plugin, name: handler.name, host: self.host, keeping: self.adapter(for: handler))
                resolved.adapters[handler.name] = adapter
                facts[handler.name] = HandlerFacts(
                    adapter: handler.adapter, templates: adapter.templates, outputs: adapter.outputs)
                resolved.watched.insert(plugin.description.path)
                resolved.schemas[plugin.description.name] = try PluginSchema(json: plugin.description.schema)
            } catch {
                resolved.problems.append(ConfigProblem(handler.location, "\(error)"))
            }
        }
        return facts
    }

    /// The adapter of a handler that may go on. With other options there is another thread, and an adapter is
    /// called by one at a time.
    private func adapter(for handler: HandlerConfiguration) -> NativeAdapter? {
        guard let old = self.running[handler.name], old.threads == handler.threads else { return nil }
        let options = DeliveryOptions(handler, takesMetrics: old.adapter.templates.contains(.metric))
        return old.options == options ? old.adapter : nil
    }

    /// A configuration's handlers, alive, and its rules; in force once ``adopt(_:)`` has it.
    struct Prepared {
        let plan: MixerPlan
        fileprivate let running: [String: Running]
        fileprivate let compiled: CompiledMixer
    }

    /// Brings a configuration's handlers to life.
    ///
    /// - Parameter resolved: Without problems.
    func prepare(_ resolved: Resolved) -> Prepared {
        var running: [String: Running] = [:]
        for handler in resolved.configuration.handlers {
            guard let adapter = resolved.adapters[handler.name] else { continue }
            running[handler.name] = self.run(adapter, handler)
        }
        let plan = MixerPlan(
            resolved.compiled, handlers: running.mapValues(\.live), admin: self.admin,
            pipeline: self.pipeline, available: MixerBag.available)
        return Prepared(plan: plan, running: running, compiled: resolved.compiled)
    }

    /// `prepared` is in force: handlers that it does not have any more end soon.
    func adopt(_ prepared: Prepared) {
        self.retire(self.running, but: prepared.running)
        self.handOver(to: prepared.running)
        prepared.plan.comeIntoForce()
        self.running = prepared.running
        self.compiled = prepared.compiled
    }

    /// `prepared` does not come into force: what was begun for it ends.
    func abandon(_ prepared: Prepared) { self.retire(prepared.running, but: self.running) }

    private func retire(_ all: [String: Running], but kept: [String: Running]) {
        for (name, one) in all where kept[name]?.live.delivery !== one.live.delivery {
            if let delivery = one.live.delivery { self.retired.append(delivery) }
        }
    }

    /// Two queues must not have one spool: the one in force has it.
    private func handOver(to next: [String: Running]) {
        for (name, old) in self.running {
            guard let delivery = old.live.delivery, let successor = next[name]?.live.delivery else {
                continue
            }
            if delivery !== successor { delivery.handOver(to: successor) }
        }
    }

    private func run(_ adapter: NativeAdapter, _ handler: HandlerConfiguration) -> Running {
        let options = DeliveryOptions(handler, takesMetrics: adapter.templates.contains(.metric))
        let old = self.running[handler.name]
        let timeout = UInt64(clamping: handler.timeout.nanoseconds)
        if let old, old.adapter === adapter, old.options == options, old.threads == handler.threads {
            return old.with(timeout: timeout)
        }
        let asks = adapter.templates.all.contains { $0.variety != .report }
        let series = HandlerSeries(
            registry: MetricRegistry(), started: WallTime.now().nanosecondsSinceEpoch)
        adapter.series = series
        // Also of one that takes no reports: adapters do what has to be done in time on its thread.
        let delivery = self.pipeline.makeDelivery(adapter, options, after: old?.live.delivery)
        delivery.start()
        let live = LiveHandler(
            adapter, delivery, series,
            adapter.isBlocking && asks ? HandlerThreads(count: handler.threads) : nil,
            timeout: timeout)
        return Running(adapter: adapter, options: options, threads: handler.threads, live: live)
    }

    /// Ends handlers whose last exchange must be over by now.
    func sweep() {
        let end = MonotonicTime.now().advanced(by: .seconds(30))
        for delivery in self.retired { delivery.close(by: end) }
        self.retired = []
    }

    /// Opens files again that were moved away.
    func reopen() { for handler in self.running.values { handler.live.delivery?.reopen() } }

    /// How each handler is, by name.
    var statuses: [DeliveryStatus] {
        self.running.values.compactMap { $0.live.delivery?.status() }.sorted { $0.name < $1.name }
    }
}

extension DeliveryOptions {
    init(_ handler: HandlerConfiguration, takesMetrics: Bool) {
        self.init()
        self.onFull = handler.onFull == .spool ? .spool : .drop
        self.queueLimit = handler.queue
        self.batchRecords = handler.batch.records
        self.batchInterval = handler.batch.interval
        self.retryInitial = handler.retry.initial
        self.retryLimit = handler.retry.limit
        self.spoolPath = handler.spool?.path ?? ""
        self.spoolLimit = handler.spool?.limit ?? .mebibytes(256)
        self.metricInterval = takesMetrics ? handler.metricInterval : nil
    }
}
