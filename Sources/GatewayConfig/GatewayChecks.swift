/// What must hold between the parts of a configuration, each of which is right by itself.
struct GatewayChecks {
    let configuration: GatewayConfiguration
    var reading: ConfigReading

    /// Adds what it finds to the reading's problems.
    mutating func run() {
        self.checkReferences()
        self.checkAddresses()
        self.checkProtocols()
        for route in self.configuration.routes { self.checkFilters(of: route) }
        // A name that is wrong makes others look unused.
        if !self.reading.problems.contains(where: { $0.severity == .error }) { self.warnOfUnused() }
    }

    private mutating func checkReferences() {
        let definitions = Dictionary(grouping: self.reading.definitions, by: \.kind)
        var names = definitions.mapValues { Set($0.map(\.name)) }
        let mixer = self.configuration.wholeMixer
        names[.handler, default: []].formUnion(
            mixer.handlers.map(\.name) + [MixerConfiguration.adminHandler])
        names[.instance, default: []].formUnion(mixer.instances.map(\.name))
        for reference in self.reading.references {
            if names[reference.kind]?.contains(reference.name) == true { continue }
            let known = definitions[reference.kind]?.map(\.name) ?? []
            self.reading.problem(
                reference.location, Self.absence(of: reference.kind.rawValue, reference.name, known))
        }
    }

    fileprivate static func absence(of kind: String, _ name: String, _ known: [String]) -> String {
        let hint = Spelling.nearest(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
        return "there is no \(kind) called `\(name)`\(hint)"
    }

    private mutating func checkAddresses() {
        var owners: [ListenAddress: String] = [:]
        for listener in self.configuration.listeners
        where listener.address != .unix("") && listener.address.port != 0 {
            if let owner = owners.updateValue(listener.name, forKey: listener.address) {
                self.reading.problem(
                    listener.location, "listener `\(owner)` has the same address \(listener.address)")
            }
        }
        guard let admin = self.configuration.admin?.address, let owner = owners[admin] else { return }
        for listener in self.configuration.listeners where listener.name == owner {
            self.reading.problem(listener.location, "`admin` has the same address \(admin)")
        }
    }

    /// A filter's name means one filter for every request, and each override an existing one.
    private mutating func checkFilters(of route: RouteConfiguration) {
        let listeners = self.configuration.listeners.filter { route.listeners?.contains($0.name) ?? true }
        var owners: [String: String] = [:]
        for listener in listeners {
            for filter in listener.filters { owners[filter.name] = "listener `\(listener.name)`" }
        }
        self.checkNames(of: route.filters, against: owners)
        for filter in route.filters { owners[filter.name] = "this route" }
        for rule in route.rules {
            self.checkNames(of: rule.filters, against: owners)
            for change in rule.filterOverrides where !change.filter.isEmpty && owners[change.filter] == nil {
                let hint = Spelling.hint(for: change.filter, among: owners.keys.sorted())
                self.reading.problem(
                    change.location,
                    "no filter of the route or its listeners is called `\(change.filter)`\(hint)"
                )
            }
            let filters = listeners.flatMap(\.filters) + route.filters
            for change in rule.filterOverrides { self.checkKind(of: change, among: filters) }
        }
    }

    /// A `config` is read by one plugin or script.
    private mutating func checkKind(of change: FilterOverride, among filters: [FilterConfiguration]) {
        guard case .config = change.change else { return }
        var plugins: Set<String> = []
        for filter in filters where filter.name == change.filter {
            switch filter.implementation {
            case .plugin(let plugin): plugins.insert(plugin.plugin)
            case .lua(let lua): plugins.insert(lua.path)
            }
        }
        if plugins.count > 1 {
            let names = plugins.sorted().map { "`\($0)`" }.joined(separator: " and ")
            self.reading.problem(
                change.location,
                "filter `\(change.filter)` is \(names) in different listeners of the route; rename one"
            )
        }
    }

    private mutating func checkNames(of filters: [FilterConfiguration], against owners: [String: String]) {
        for filter in filters {
            guard !filter.name.isEmpty, let owner = owners[filter.name] else { continue }
            self.reading.problem(
                filter.location,
                "\(owner) has a filter called `\(filter.name)` too; give this one another `name`"
            )
        }
    }

    private mutating func warnOfUnused() {
        let used = Set(self.reading.references.filter { $0.kind == .service }.map(\.name))
        for definition in self.reading.definitions where definition.kind == .service {
            if used.contains(definition.name) { continue }
            let message = "no rule sends requests to service `\(definition.name)`"
            var warning = ConfigProblem(definition.location, message, severity: .warning)
            warning.idleService = definition.name
            self.reading.add(warning)
        }
        let routes = self.configuration.routes
        self.warnOfUnservedTCP()
        for listener in self.configuration.listeners where listener.protocol == .http {
            if routes.contains(where: { $0.listeners?.contains(listener.name) ?? true }) { continue }
            self.reading.warn(
                listener.location, "no route serves listener `\(listener.name)`: it answers 404 to everything"
            )
        }
    }
}

extension ConfigProblem {
    /// A filter's configuration names a service that is not there.
    public static func noService(_ name: String, at location: ConfigLocation, known: [String]) -> Self {
        Self(location, GatewayChecks.absence(of: "service", name, known))
    }
}
