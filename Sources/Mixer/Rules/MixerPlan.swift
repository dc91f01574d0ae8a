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
    ///   - available: Attributes that this process can know of a request by itself; those that adapters make
    ///     come to them.
    public init(
        _ compiled: CompiledMixer, handlers: [String: LiveHandler], admin: HandlerSeries,
        pipeline: ReportPipeline, available: Set<AttributeID>
    ) {
        var reports: ContiguousArray<ReportRule> = []
        var checks: ContiguousArray<CheckRule> = []
        let available = available.union(compiled.generated)
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

    /// The plan is in force: metrics that it defines otherwise than the one before take the place of those.
    public func comeIntoForce() {
        for report in self.reports { for group in report.metrics { group.comeIntoForce() } }
    }
}

/// What one rule reports.
final class ReportRule: Sendable {
    let match: Expression?
    /// Whether it sees all events of a connection, because it tells them apart, and not its end alone.
    let seesEvents: Bool
    /// Whether no request can match.
    let isOfConnections: Bool
    let sampling: SamplingPlan?
    let entries: ContiguousArray<ReportEntry>
    let metrics: ContiguousArray<MetricGroup>

    var isEmpty: Bool { self.entries.isEmpty && self.metrics.isEmpty }

    init(
        _ rule: CompiledMixer.Rule, _ handlers: [String: LiveHandler], _ admin: HandlerSeries,
        _ pipeline: ReportPipeline, _ available: Set<AttributeID>
    ) {
        self.match = rule.match
        let event = StandardAttribute.connectionEvent.id
        self.seesEvents = rule.match?.attributes.contains(event) ?? false
        self.isOfConnections = rule.match?.needs(event) ?? false
        self.sampling = rule.sampling
        var entries: ContiguousArray<ReportEntry> = []
        var metrics: ContiguousArray<MetricGroup> = []
        // An instance for several handlers is made once.
        var deliveries: [ObjectIdentifier: (instance: InstancePlan, handlers: [HandlerDelivery])] = [:]
        var order: [ObjectIdentifier] = []
        // A rule counts an instance once for a handler.
        var counted: [(series: HandlerSeries, instances: [InstancePlan])] = []
        for action in rule.actions {
            let live = handlers[action.handler]
            for instance in action.instances
            where instance.template.variety == .report && instance.template != .metric {
                guard let delivery = live?.delivery else { continue }
                let key = ObjectIdentifier(instance)
                if deliveries[key] == nil { order.append(key) }
                deliveries[key, default: (instance, [])].handlers.append(delivery)
            }
            let series = action.handler == MixerConfiguration.adminHandler ? admin : live?.metrics
            guard let series else { continue }
            let place = counted.firstIndex { $0.series === series } ?? counted.count
            if place == counted.count { counted.append((series, [])) }
            for instance in action.instances where instance.template == .metric {
                if counted[place].instances.contains(where: { $0 === instance }) { continue }
                counted[place].instances.append(instance)
            }
        }
        for (series, instances) in counted { metrics += Self.groups(instances, series, available) }
        for case let (instance, handlers)? in order.map({ deliveries[$0] }) {
            entries.append(
                ReportEntry(
                    isSpan: instance.template == .tracespan,
                    target: pipeline.register(instance.shape, handlers),
                    fields: FieldPlan(instance.fields, available: available)))
        }
        self.entries = entries
        self.metrics = metrics
    }

    /// Those with the same dimensions are counted together.
    private static func groups(
        _ instances: [InstancePlan], _ series: HandlerSeries, _ available: Set<AttributeID>
    ) -> [MetricGroup] {
        var order: [[String]] = []
        var alike: [[String]: ContiguousArray<InstancePlan>] = [:]
        for instance in instances {
            let dimensions = MetricGroup.dimensions(of: instance)
            if alike[dimensions] == nil { order.append(dimensions) }
            alike[dimensions, default: []].append(instance)
        }
        return order.compactMap { alike[$0] }.map { MetricGroup($0, series, available: available) }
    }
}

/// A record that is made of each request.
final class ReportEntry: Sendable {
    let isSpan: Bool
    let target: ReportTarget
    let fields: FieldPlan

    init(isSpan: Bool, target: ReportTarget, fields: FieldPlan) {
        self.isSpan = isSpan
        self.target = target
        self.fields = fields
    }
}
