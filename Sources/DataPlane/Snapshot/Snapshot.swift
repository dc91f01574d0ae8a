internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry

/// A configuration, compiled once on the control thread and then only read, by every worker.
///
/// Exchanges in flight keep the snapshot they began with. What lives longer than a snapshot (pools, buckets,
/// virtual machines, cells) is found under keys that the snapshot only names.
final class Snapshot: Sendable {
    /// Counts the snapshots of this process, from 1.
    let generation: Int
    let configuration: GatewayConfiguration
    let routes: RouteTable
    let listeners: [ListenerPlan]
    /// By the rule numbers of `routes`.
    let rules: [RulePlan]
    let tcpRoutes: TCPRouteTable
    /// By the rule numbers of `tcpRoutes`.
    let tcpRules: [TCPRulePlan]
    /// What network filters may choose, by the service's name.
    let tcpTargets: [String: TCPRulePlan.Target]
    /// The rules of logs, metrics, traces and policies.
    let mixer: MixerPlan
    /// What their checks cost.
    let checkSeries: FilterSeries
    /// By service; nil: plain text.
    let clientContexts: [TLSClientContext?]

    init(
        generation: Int, configuration: GatewayConfiguration, routes: RouteTable, listeners: [ListenerPlan],
        rules: [RulePlan], tcpRoutes: TCPRouteTable, tcpRules: [TCPRulePlan],
        tcpTargets: [String: TCPRulePlan.Target], mixer: MixerPlan, checkSeries: FilterSeries,
        clientContexts: [TLSClientContext?] = []
    ) {
        self.generation = generation
        self.configuration = configuration
        self.routes = routes
        self.listeners = listeners
        self.rules = rules
        self.tcpRoutes = tcpRoutes
        self.tcpRules = tcpRules
        self.tcpTargets = tcpTargets
        self.mixer = mixer
        self.checkSeries = checkSeries
        self.clientContexts = clientContexts
    }
}

/// A filter at one place of a chain, before workers make their instances of it.
struct FilterPlan: Sendable {
    /// As `filterConfig` names it.
    let name: String
    let blueprint: FilterBlueprint
    let series: FilterSeries
}

/// What happens with the requests that a rule matches.
///
/// A class, so that an exchange holds one reference and not a dozen values.
final class RulePlan: Sendable {
    enum Action: Sendable {
        case forward(WeightedSplit)
        case redirect(RedirectPlan)
        case direct(DirectResponse)
    }

    /// In place of a listener's filter: another configuration of it, or none.
    struct Override: Sendable {
        let filter: String
        /// More than one for a folder of scripts.
        let plans: [FilterPlan]

        /// What runs instead of `plan`; nil: nothing.
        func plan(for plan: FilterPlan) -> FilterPlan? {
            self.plans.first { $0.blueprint.name == plan.blueprint.name }
        }
    }

    /// The rule's number, and the key of its chain.
    let number: Int
    let routeName: String
    /// ``routeName``, to be lent.
    let label: LastingText
    let action: Action
    /// The services that `forward` chooses among, as indices into the configuration's list.
    let services: [Int]
    let filters: [FilterPlan]
    let overrides: [Override]
    let rewrite: RewritePlan
    let requestChanges: HeaderMutations
    let responseChanges: HeaderMutations
    /// Nanoseconds from the request's head to the response's end; 0: the service's own limit.
    let timeout: UInt64
    let retry: RetryPlan?
    /// What the configuration says about the rule and its route, for filters.
    let metadata: StreamMetadata
    let routeMetadata: StreamMetadata

    init(
        number: Int, routeName: String, action: Action, services: [Int], filters: [FilterPlan],
        overrides: [Override], rewrite: RewritePlan, requestChanges: HeaderMutations,
        responseChanges: HeaderMutations, timeout: UInt64, retry: RetryPlan?, metadata: StreamMetadata,
        routeMetadata: StreamMetadata
    ) {
        self.number = number
        self.routeName = routeName
        self.label = LastingText(routeName)
        self.action = action
        self.services = services
        self.filters = filters
        self.overrides = overrides
        self.rewrite = rewrite
        self.requestChanges = requestChanges
        self.responseChanges = responseChanges
        self.timeout = timeout
        self.retry = retry
        self.metadata = metadata
        self.routeMetadata = routeMetadata
    }

    /// Whether its requests pass other filters than the listener's.
    var hasOwnChain: Bool { !self.filters.isEmpty || !self.overrides.isEmpty }
}
