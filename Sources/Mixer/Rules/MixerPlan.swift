public import Adapting
public import Expressions
internal import GatewayConfig

/// A handler that is running.
public struct LiveHandler: Sendable {
    public let handler: AdapterHandler
    /// nil when it takes no reports.
    public let delivery: HandlerDelivery?
    public let metrics: HandlerSeries
    /// For checks and quotas that block.
    public let threads: HandlerThreads?
    /// The longest wait of a request for one, in nanoseconds.
    public let timeout: UInt64

    public init(
        _ handler: AdapterHandler, _ delivery: HandlerDelivery?, _ metrics: HandlerSeries,
        _ threads: HandlerThreads?, timeout: UInt64
    ) {
        self.handler = handler
        self.delivery = delivery
        self.metrics = metrics
        self.threads = threads
        self.timeout = timeout
    }
}

/// All rules of a snapshot with the handlers that they go to. Immutable, shared by all workers.
public final class MixerPlan: Sendable {
    let reports: ContiguousArray<ReportRule>
    let checks: ContiguousArray<CheckRule>

    /// Whether anything happens before a request goes to its service.
    public var hasChecks: Bool { !self.checks.isEmpty }
    public var hasReports: Bool { !self.reports.isEmpty }
    /// Whether responses are changed.
    public let changesResponses: Bool
    /// Whether spans are made of requests.
    public let hasSpans: Bool
    /// Whether some rule wants to know of connections before their end.
    public let hasConnectionEvents: Bool

    public static let empty = MixerPlan()

    private init() {
        self.reports = []
        self.checks = []
        self.changesResponses = false
        self.hasSpans = false
        self.hasConnectionEvents = false
    }

    /// - Parameters:
    ///   - handlers: By name: all that the rules name.
    ///   - admin: The gateway's own metrics.
    ///   - available: Attributes that this process can know of a request.
    ///   - old: Whose parts are used again where they are the same.
    public init(
        _ compiled: CompiledMixer, handlers: [String: LiveHandler], admin: HandlerSeries,
        pipeline: ReportPipeline, available: Set<AttributeID>
    ) {
        var reports: ContiguousArray<ReportRule> = []
        var checks: ContiguousArray<CheckRule> = []
        for rule in compiled.rules {
            let report = ReportRule(rule, handlers, admin, pipeline, available)
            if !report.isEmpty { reports.append(report) }
            let check = CheckRule(rule, handlers, available)
            if !check.isEmpty { checks.append(check) }
        }
        self.reports = reports
        self.checks = checks
        self.hasConnectionEvents = reports.contains(where: \.seesEvents)
        self.hasSpans = compiled.rules.contains { rule in
            rule.actions.contains { $0.instances.contains { $0.template == .tracespan } }
        }
        self.changesResponses = checks.contains { !$0.responseHeaders.changes.isEmpty }
    }
}

/// What one rule reports.
final class ReportRule: Sendable {
    let match: Expression?
    /// Whether it sees all events of a connection, because it tells them apart, and not its end alone.
    let seesEvents: Bool
    let sampling: SamplingPlan?
    let entries: ContiguousArray<ReportEntry>
    let metrics: ContiguousArray<MetricGroup>

    var isEmpty: Bool { self.entries.isEmpty && self.metrics.isEmpty }

    init(
        _ rule: CompiledMixer.Rule, _ handlers: [String: LiveHandler], _ admin: HandlerSeries,
        _ pipeline: ReportPipeline, _ available: Set<AttributeID>
    ) {
        self.match = rule.match
        self.seesEvents = rule.match?.attributes.contains(StandardAttribute.connectionEvent.id) ?? false
        self.sampling = rule.sampling
        var entries: ContiguousArray<ReportEntry> = []
        var metrics: ContiguousArray<MetricGroup> = []
        // An instance for several handlers is made once.
        var deliveries: [ObjectIdentifier: (instance: InstancePlan, handlers: [HandlerDelivery])] = [:]
        var order: [ObjectIdentifier] = []
        for action in rule.actions {
            let live = handlers[action.handler]
            for instance in action.instances
            where instance.template.variety == .report && instance.template != .metric {
                guard let delivery = live?.delivery else { continue }
                let key = ObjectIdentifier(instance)
                if deliveries[key] == nil { order.append(key) }
                deliveries[key, default: (instance, [])].handlers.append(delivery)
            }
            let counted = action.handler == MixerConfiguration.adminHandler ? admin : live?.metrics
            let own = action.instances.filter { $0.template == .metric }
            guard let counted, !own.isEmpty else { continue }
            metrics += Self.groups(own, counted, available)
        }
        for case let (instance, handlers)? in order.map({ deliveries[$0] }) {
            entries.append(
                ReportEntry(
                    isSpan: instance.template == .tracespan,
                    target: pipeline.register(instance.shape, handlers),
                    fields: instance.fields.map { FieldPlan($0, available: available) }))
        }
        self.entries = entries
        self.metrics = metrics
    }

    /// Neighbours with the same dimensions are counted together.
    private static func groups(
        _ instances: [InstancePlan], _ metrics: HandlerSeries, _ available: Set<AttributeID>
    ) -> [MetricGroup] {
        var order: [[String]] = []
        var alike: [[String]: ContiguousArray<InstancePlan>] = [:]
        for instance in instances {
            let dimensions = MetricGroup.dimensions(of: instance)
            if alike[dimensions] == nil { order.append(dimensions) }
            alike[dimensions, default: []].append(instance)
        }
        return order.compactMap { alike[$0] }.map {
            MetricGroup($0, metrics.define($0), available: available, in: metrics.registry)
        }
    }
}

/// A record that is made of each request.
final class ReportEntry: Sendable {
    let isSpan: Bool
    let target: ReportTarget
    let fields: ContiguousArray<FieldPlan>

    init(isSpan: Bool, target: ReportTarget, fields: [FieldPlan]) {
        self.isSpan = isSpan
        self.target = target
        self.fields = ContiguousArray(fields)
    }
}
