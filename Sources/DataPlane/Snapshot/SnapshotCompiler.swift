internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import LuaHost
internal import Mixer
internal import Primitives
internal import Routing
internal import Telemetry
internal import Upstreams

/// Compiles a configuration, whose filters are resolved, into a ``Snapshot``.
struct SnapshotCompiler {
    let configuration: GatewayConfiguration
    let plans: [FilterPlace: [FilterPlan]]
    let gauges: ConnectionGauges
    var mixer = MixerPlan.empty
    var checkSeries = FilterSeries.discarded
    var tls = TLSCatalogue.Resolved()

    /// - Parameter routes: Compiled from the same configuration.
    func compile(_ routes: RouteTable, generation: Int) -> Snapshot {
        var rules: [RulePlan] = []
        for route in self.configuration.routes {
            let routeFilters = self.plans(of: .route(route.name), route.filters)
            for index in route.rules.indices {
                rules.append(self.rule(route, index, number: rules.count, routeFilters))
            }
        }
        return Snapshot(
            generation: generation, configuration: self.configuration, routes: routes,
            listeners: self.configuration.listeners.map { self.listener($0) }, rules: rules,
            tcpRoutes: TCPRouteTable(
                routes: self.configuration.tcpRoutes, listeners: self.configuration.listeners),
            tcpRules: self.tcpRules, tcpTargets: self.tcpTargets, mixer: self.mixer,
            checkSeries: self.checkSeries,
            clientContexts: self.configuration.services.map { self.tls.context(ofService: $0.name) }
        )
    }

    private func plans(of owner: FilterPlace.Owner, _ filters: [FilterConfiguration]) -> [FilterPlan] {
        owner.uses(filters).flatMap { self.plans[$0.place] ?? [] }
    }

    private func listener(_ listener: ListenerConfiguration) -> ListenerPlan {
        ListenerPlan(
            listener, gauge: self.gauges.listener(listener.name),
            filters: self.plans(of: .listener(listener.name), listener.filters),
            tls: self.tls.context(ofListener: listener.name))
    }

    private func rule(
        _ route: RouteConfiguration, _ index: Int, number: Int, _ routeFilters: [FilterPlan]
    ) -> RulePlan {
        let rule = route.rules[index]
        var services: [Int] = []
        let action: RulePlan.Action
        switch rule.action {
        case .forward(let split):
            services = split.compactMap { part in
                self.configuration.services.firstIndex { $0.name == part.service }
            }
            action = .forward(WeightedSplit(weights: split.map(\.weight)))
        case .redirect(let redirect): action = .redirect(RedirectPlan(redirect, of: rule.match.path))
        case .directResponse(let direct): action = .direct(direct)
        }
        let overrides = rule.filterOverrides.map { change in
            let place = FilterPlace(
                owner: .override(route: route.name, index: index), name: change.filter, ordinal: 0)
            return RulePlan.Override(filter: change.filter, plans: self.plans[place] ?? [])
        }
        // A filter of the route is changed here, once; of which listener's a request passes only it can tell.
        let shared = routeFilters.compactMap { plan in
            overrides.first { $0.filter == plan.name }.map { $0.plan(for: plan) } ?? plan
        }
        return RulePlan(
            number: number, routeName: route.name, action: action, services: services,
            filters: shared + self.plans(of: .rule(route: route.name, index: index), rule.filters),
            overrides: overrides, rewrite: RewritePlan(rule.rewrite, of: rule.match.path),
            requestChanges: HeaderMutations(rule.requestHeaders),
            responseChanges: HeaderMutations(rule.responseHeaders), timeout: rule.timeout?.nanoseconds ?? 0,
            retry: rule.retry.map { RetryPlan($0) },
            metadata: StreamMetadata(rule.metadata), routeMetadata: StreamMetadata(route.metadata)
        )
    }
}

extension StreamMetadata {
    /// An object of objects, as the configuration's check has made sure.
    init(_ config: ConfigNode) {
        self.init()
        guard case .object(let spaces) = config.value else { return }
        for space in spaces {
            guard case .object(let members) = space.value.value else { continue }
            for member in members { self[space.key, member.key] = MetadataValue(member.value) }
        }
    }
}

extension PathNormaliser.EscapedSlashes {
    init(_ configured: PathNormalization.EscapedSlashes) {
        switch configured {
        case .keep: self = .keep
        case .reject: self = .reject
        case .decode: self = .decode
        }
    }
}

extension HeadLimits {
    init(_ configured: RequestLimits) {
        self.init(head: configured.head.bytes, fields: configured.fields, url: configured.url.bytes)
    }
}

extension HTTP2Settings {
    init(_ listener: ListenerConfiguration) {
        self.init()
        self.maxConcurrentStreams = listener.http2.maxConcurrentStreams
        self.streamWindow = listener.http2.streamWindow.bytes
        self.connectionWindow = listener.http2.connectionWindow.bytes
        self.flood = HTTP2FloodLimits(listener.http2.floodLimits)
        self.head = HeadLimits(listener.limits)
        self.allowConnect = listener.allowsConnect
        self.upgradeTokens = listener.upgrades
    }
}
