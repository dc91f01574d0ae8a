internal import Filtering
internal import Mixer
internal import Telemetry
internal import Upstreams

/// Where the checks stand in every chain: behind the listener's filters, before the route's.
struct CheckPlace {
    let filter: MixerFilter
    let series: FilterSeries
    let label: FilterLabel
}

/// A snapshot in one worker: with its filters, chains and pools.
final class WorkerSnapshot {
    let shared: Snapshot
    /// By listener.
    let chains: [FilterChain]
    /// By listener, of connections that carry no requests.
    let networkChains: [FilterChain]
    /// By service.
    let pools: [ServicePool]
    /// Room that any chain of this snapshot needs.
    let placeLimit: Int
    let stateLimit: Int
    /// By listener and rule; only for rules with a chain of their own.
    private var ruleChains: [Int: FilterChain] = [:]
    /// Kept for the snapshot after this one.
    let filters: FilterInstances
    /// The rules of logs, metrics, traces and policies.
    let mixer: WorkerMixer

    /// - Parameter checks: Asks handlers; nil when no rule does.
    init(
        _ shared: Snapshot, pools: [ServicePool], filters: FilterInstances, mixer: WorkerMixer,
        checks: CheckPlace?
    ) {
        self.shared = shared
        self.pools = pools
        self.filters = filters
        self.mixer = mixer
        self.chains = shared.listeners.map { Self.chain($0, nil, shared.rules, filters, checks) }
        self.networkChains = shared.listeners.map { Self.networkChain($0, filters) }
        var places = 0
        var bytes = 0
        for (listener, plan) in shared.listeners.enumerated() {
            places = max(places, self.chains[listener].count)
            bytes = max(bytes, Self.stateSize(self.chains[listener]))
            for rule in shared.rules where rule.hasOwnChain {
                let chain = Self.chain(plan, rule, shared.rules, filters, checks)
                self.ruleChains[listener &* shared.rules.count &+ rule.number] = chain
                places = max(places, chain.count)
                bytes = max(bytes, Self.stateSize(chain))
            }
        }
        self.placeLimit = places
        self.stateLimit = bytes
    }

    /// The chain for requests that came in at `listener` and that `rule` matches.
    func chain(listener: Int, rule: RulePlan) -> FilterChain {
        guard rule.hasOwnChain else { return self.chains[listener] }
        return self.ruleChains[listener &* self.shared.rules.count &+ rule.number] ?? self.chains[listener]
    }

    private static func chain(
        _ listener: ListenerPlan, _ rule: RulePlan?, _ rules: [RulePlan], _ filters: FilterInstances,
        _ checks: CheckPlace?
    ) -> FilterChain {
        var places: ContiguousArray<FilterChain.Place> = []
        var offset = 0
        for plan in listener.filters {
            let change = rule?.overrides.first { $0.filter == plan.name }
            let chosen = change.map { $0.plan(for: plan) } ?? plan
            let alternatives = rules.flatMap(\.overrides).filter { $0.filter == plan.name }
            let size =
                ([plan] + alternatives.flatMap(\.plans)).map { filters[$0.blueprint].stateSize }.max() ?? 0
            places.append(
                .init(
                    filter: chosen.map { filters[$0.blueprint] }, stateOffset: offset,
                    needsRoute: !alternatives.isEmpty, series: (chosen ?? plan).series,
                    label: FilterLabel(plan.name)
                )
            )
            offset += Self.aligned(size)
        }
        if let checks {
            // The place that FilterChain.checkPlace says.
            places.append(
                .init(
                    filter: checks.filter, stateOffset: offset, needsRoute: true, series: checks.series,
                    label: checks.label))
        }
        for plan in rule?.filters ?? [] {
            let filter = filters[plan.blueprint]
            places.append(
                .init(
                    filter: filter, stateOffset: offset, needsRoute: false, series: plan.series,
                    label: FilterLabel(plan.name)))
            offset += Self.aligned(filter.stateSize)
        }
        return FilterChain(places: places, listenerCount: listener.filters.count)
    }

    private static func networkChain(_ listener: ListenerPlan, _ filters: FilterInstances) -> FilterChain {
        var places: ContiguousArray<FilterChain.Place> = []
        var offset = 0
        for plan in listener.networkFilters {
            let filter = filters[plan.blueprint]
            places.append(
                .init(
                    filter: filter, stateOffset: offset, needsRoute: false, series: plan.series,
                    label: FilterLabel(plan.name)))
            offset += Self.aligned(filter.stateSize)
        }
        return FilterChain(places: places, listenerCount: places.count)
    }

    private static func stateSize(_ chain: FilterChain) -> Int {
        chain.places.map { $0.stateOffset + Self.aligned($0.filter?.stateSize ?? 0) }.max() ?? 0
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 15) & ~15 }
}

/// One worker's instances of filters, by blueprint; one that is no longer asked for goes with its last
/// snapshot.
final class FilterInstances {
    private let worker: FilterWorker
    private var filters: [ObjectIdentifier: (blueprint: FilterBlueprint, filter: Filter)] = [:]

    /// - Parameter previous: Whose instances are used again for blueprints that are still there.
    init(_ worker: FilterWorker, after previous: FilterInstances?, for plans: [FilterPlan]) {
        self.worker = worker
        for plan in plans {
            let key = ObjectIdentifier(plan.blueprint)
            if self.filters[key] != nil { continue }
            self.filters[key] =
                previous?.filters[key] ?? (plan.blueprint, plan.blueprint.makeFilter(worker))
        }
    }

    /// Every blueprint of the snapshot was in `plans`.
    subscript(blueprint: FilterBlueprint) -> Filter {
        if let known = self.filters[ObjectIdentifier(blueprint)] { return known.filter }
        let filter = blueprint.makeFilter(self.worker)
        self.filters[ObjectIdentifier(blueprint)] = (blueprint, filter)
        return filter
    }
}
