internal import GatewayConfig

/// Where in a configuration a filter stands: the key under which a reload finds it again.
struct FilterPlace: Hashable, CustomStringConvertible {
    enum Owner: Hashable {
        case listener(String)
        case route(String)
        case rule(route: String, index: Int)
        /// A rule's own configuration of a filter of its route or listener.
        case override(route: String, index: Int)
    }

    let owner: Owner
    /// The filter's name.
    let name: String
    /// Counts the filters of one name at one owner.
    let ordinal: Int

    var description: String {
        let owner =
            switch self.owner {
            case .listener(let name): "listener \(name)"
            case .route(let name): "route \(name)"
            case .rule(let route, let index): "route \(route) rule \(index)"
            case .override(let route, let index): "route \(route) rule \(index) filterConfig"
            }
        return "\(owner)/\(self.name)\(self.ordinal == 0 ? "" : "#\(self.ordinal)")"
    }
}

/// A filter and its place.
struct FilterUse {
    let place: FilterPlace
    let filter: FilterConfiguration
}

extension FilterPlace.Owner {
    /// The filters in `list` with their places.
    func uses(_ list: [FilterConfiguration]) -> [FilterUse] {
        var counts: [String: Int] = [:]
        return list.map { filter in
            let ordinal = counts[filter.name, default: 0]
            counts[filter.name] = ordinal + 1
            return FilterUse(
                place: FilterPlace(owner: self, name: filter.name, ordinal: ordinal), filter: filter)
        }
    }
}

extension GatewayConfiguration {
    /// Every filter of the configuration.
    var filterUses: [FilterUse] {
        var uses: [FilterUse] = []
        for listener in self.listeners {
            uses += FilterPlace.Owner.listener(listener.name).uses(listener.filters)
        }
        for route in self.routes {
            uses += FilterPlace.Owner.route(route.name).uses(route.filters)
            for (index, rule) in route.rules.enumerated() {
                uses += FilterPlace.Owner.rule(route: route.name, index: index).uses(rule.filters)
                let overrides = rule.filterOverrides.compactMap { self.overriding($0, in: route) }
                uses += FilterPlace.Owner.override(route: route.name, index: index).uses(overrides)
            }
        }
        return uses
    }

    /// A plugin of the route or its listeners with the configuration that a rule gives it; nil when the rule
    /// disables it.
    private func overriding(_ override: FilterOverride, in route: RouteConfiguration) -> FilterConfiguration?
    {
        let listeners = self.listeners.filter { route.listeners?.contains($0.name) ?? true }
        let filters = route.filters + listeners.flatMap(\.filters)
        guard
            case .config(let config) = override.change,
            var filter = filters.first(where: { $0.name == override.filter }),
            case .plugin(let plugin) = filter.implementation
        else { return nil }
        filter.implementation = .plugin(PluginFilter(plugin: plugin.plugin, config: config))
        filter.location = override.location
        return filter
    }
}
