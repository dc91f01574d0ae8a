internal import Filtering
internal import GatewayConfig
internal import LuaHost
internal import PluginHost
internal import Telemetry

/// Turns the filters of a configuration into plans, and remembers those in use: a reload that leaves a filter
/// and its file as they were leaves its blueprint, and with it every worker's instance and what that
/// remembers.
///
/// For the control thread.
final class FilterCatalogue {
    let plugins = PluginStore()
    private let host: FilterHost
    private let telemetry: TelemetryProcess
    /// What the last snapshot in force uses.
    private var native: [FilterPlace: PluginBlueprint] = [:]
    private var policies: [LuaFilter: PolicySet] = [:]
    private var scripts: [FilterPlace: [LuaBlueprint]] = [:]

    init(telemetry: TelemetryProcess, host: FilterHost) {
        self.telemetry = telemetry
        self.host = host
    }

    /// The filters of one configuration, by place, and what is wrong with them.
    struct Resolved {
        var plans: [FilterPlace: [FilterPlan]] = [:]
        var problems: [ConfigProblem] = []
        fileprivate var native: [FilterPlace: PluginBlueprint] = [:]
        fileprivate var policies: [LuaFilter: PolicySet] = [:]
        fileprivate var scripts: [FilterPlace: [LuaBlueprint]] = [:]
        /// Services that filters call.
        var services: Set<String> = []
        /// By the plugin's name: tells which fields are secret.
        var schemas: [String: PluginSchema] = [:]
        /// Files and folders whose change makes another configuration.
        var watched: Set<String> = []
    }

    /// - Parameter directory: What relative paths of secrets are relative to.
    func resolve(_ configuration: GatewayConfiguration, directory: String) -> Resolved {
        var resolved = Resolved()
        let uses = configuration.filterUses
        self.resolvePlugins(uses, configuration, directory, &resolved)
        for use in uses {
            if case .lua(let filter) = use.filter.implementation {
                self.resolveScripts(use, filter, directory, &resolved)
            }
        }
        return resolved
    }

    /// `resolved` is in force now: it is what the next configuration is compared with.
    func adopt(_ resolved: Resolved) {
        self.native = resolved.native
        self.policies = resolved.policies
        self.scripts = resolved.scripts
    }

    /// The scripts and how each stands, for `/policies`.
    var policySets: [PolicySet] { Array(self.policies.values) }

    /// Scripts of which an older version is in force than what their file has.
    var staleScripts: Int { self.policySets.reduce(0) { $0 + $1.problems.count } }

    // MARK: Native

    private func resolvePlugins(
        _ all: [FilterUse], _ configuration: GatewayConfiguration, _ directory: String,
        _ resolved: inout Resolved
    ) {
        let search = PluginSearch(paths: configuration.pluginPath)
        let services = configuration.services.map(\.name)
        var places: [(place: FilterPlace, name: String)] = []
        var uses: [PluginUse] = []
        for use in all {
            guard case .plugin(let plugin) = use.filter.implementation else { continue }
            places.append((use.place, use.filter.name))
            uses.append(
                PluginUse(plugin: plugin.plugin, config: plugin.config, location: use.filter.location))
        }
        let checked = self.plugins.check(uses, search: search, directory: directory)
        resolved.problems += checked.problems
        resolved.watched.formUnion(checked.files)
        guard checked.problems.isEmpty else { return }
        for (index, (place, name)) in places.enumerated() {
            guard let plugin = checked.filters[index] else { continue }
            if let problem = plugin.description.misplacement(at: place.owner, configuration) {
                resolved.problems.append(ConfigProblem(uses[index].location, problem))
                continue
            }
            do {
                let blueprint = try self.plugins.makeBlueprint(
                    plugin, name: name, place: place.description, host: self.host, keeping: self.native[place]
                )
                for service in blueprint.services where !services.contains(service.name) {
                    let node = uses[index].config.nearest(toPointer: service.pointer)
                    let place = node.location == .none ? uses[index].location : node.location
                    resolved.problems.append(.noService(service.name, at: place, known: services))
                }
                resolved.services.formUnion(blueprint.services.map(\.name))
                resolved.native[place] = blueprint
                resolved.plans[place] = [self.plan(name, blueprint)]
                resolved.watched.insert(plugin.description.path)
                resolved.schemas[plugin.description.name] = try PluginSchema(json: plugin.description.schema)
            } catch {
                resolved.problems.append(ConfigProblem(uses[index].location, "\(error)"))
            }
        }
    }

    // MARK: Scripts

    private func resolveScripts(
        _ use: FilterUse, _ filter: LuaFilter, _ directory: String, _ resolved: inout Resolved
    ) {
        let set =
            resolved.policies[filter] ?? self.policies[filter]?.reloaded()
            ?? PolicySet.load(filter, directory: directory)
        resolved.policies[filter] = set
        resolved.watched.insert(filter.path)
        for policy in set.policies {
            resolved.watched.formUnion(policy.modules)
            resolved.problems += policy.configProblems
            guard let problem = policy.problem else { continue }
            let location = use.filter.location
            // A script with an error keeps its last good version; without one the configuration cannot be
            // used.
            resolved.problems.append(
                policy.script == nil
                    ? ConfigProblem(location, "\(problem)")
                    : ConfigProblem(
                        location, "\(problem); its last good version stays in force", severity: .warning)
            )
        }
        let old = self.scripts[use.place] ?? []
        var blueprints: [LuaBlueprint] = []
        for script in set.scripts {
            let kept = old.first {
                $0.isUpToDate(script: script, budget: filter.budget, onFailure: filter.onFailure)
                    && $0.name == (set.isFolder ? script.name : use.filter.name)
            }
            do {
                let blueprint =
                    try kept
                    ?? LuaBlueprint(
                        script, name: set.isFolder ? nil : use.filter.name, budget: filter.budget,
                        onFailure: filter.onFailure, host: self.host
                    )
                blueprints.append(blueprint)
            } catch {
                resolved.problems.append(ConfigProblem(use.filter.location, "\(error)"))
            }
        }
        resolved.scripts[use.place] = blueprints
        resolved.plans[use.place] = blueprints.map { self.plan(use.filter.name, $0) }
    }

    private func plan(_ name: String, _ blueprint: FilterBlueprint) -> FilterPlan {
        FilterPlan(name: name, blueprint: blueprint, series: self.telemetry.series(of: blueprint))
    }
}

extension TelemetryProcess {
    /// The series of a filter under its name; every phase, because what it takes part in is known to workers
    /// only.
    fileprivate func series(of blueprint: FilterBlueprint) -> FilterSeries {
        let phases = FilterPhase.allCases.map { phase -> String? in
            blueprint.isNetwork ? phase.networkName.map { "\($0)" } : "\(phase.name)"
        }
        return self.filterMetrics.series(filter: blueprint.name, phases: phases)
    }
}

extension PluginDescription {
    /// Why the plugin cannot stand there; nil when it can.
    fileprivate func misplacement(at owner: FilterPlace.Owner, _ configuration: GatewayConfiguration)
        -> String?
    {
        if self.kind == .adapter {
            return "plugin `\(self.name)` is an adapter, not a filter: it belongs under `mixer.handlers`"
        }
        guard case .listener(let name) = owner else {
            guard self.kind == .networkFilter else { return nil }
            return "plugin `\(self.name)` is a network filter and sees no requests: "
                + "it belongs to a listener with `protocol: tcp` or `auto`"
        }
        let spoken = configuration.listeners.first { $0.name == name }?.protocol ?? .http
        switch (self.kind, spoken) {
        case (.httpFilter, .tcp):
            return "plugin `\(self.name)` is an HTTP filter, and listener `\(name)` has `protocol: tcp`: "
                + "there are no requests"
        case (.networkFilter, .http):
            return "plugin `\(self.name)` is a network filter, and listener `\(name)` has `protocol: http`: "
                + "it needs `tcp` or `auto`"
        case (.adapter, _), (.httpFilter, .http), (.httpFilter, .auto), (.networkFilter, .tcp), (.networkFilter, .auto):
            return nil
        }
    }
}
