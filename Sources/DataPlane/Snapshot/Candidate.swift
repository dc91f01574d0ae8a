internal import GatewayConfig
internal import Routing

/// A configuration that was read, with everything that only the data plane can tell of it: whether its rules
/// can match, its plugins load and take their configuration, and its scripts compile.
struct Candidate {
    let routes: RouteTable
    let filters: FilterCatalogue.Resolved
    let tls: TLSCatalogue.Resolved
    let mixer: MixerCatalogue.Resolved
    /// The reader's warnings included, in the order of the file.
    let problems: [ConfigProblem]

    /// - Parameter path: The configuration's file: paths of secrets are relative to its folder.
    init(
        _ loaded: LoadedConfiguration, _ catalogue: FilterCatalogue, _ tls: TLSCatalogue,
        _ mixer: MixerCatalogue, path: String
    ) {
        let configuration = loaded.configuration
        let (routes, routeProblems) = RouteTable.compile(
            routes: configuration.routes, listenerNames: configuration.listeners.map(\.name)
        )
        self.routes = routes
        self.filters = catalogue.resolve(configuration, directory: ConfigPaths.directory(of: path))
        self.tls = tls.resolve(loaded)
        self.mixer = mixer.resolve(configuration, directory: ConfigPaths.directory(of: path))
        let services = self.filters.services
        let warnings = loaded.warnings.filter { $0.idleService.map { !services.contains($0) } ?? true }
        self.problems =
            (warnings + routeProblems + self.filters.problems + self.tls.problems
            + self.mixer.problems)
            .inFileOrder()
    }

    /// Files and folders whose change makes another configuration.
    var watched: Set<String> { self.filters.watched.union(self.tls.watched).union(self.mixer.watched) }

    var isUsable: Bool { !self.problems.contains { $0.severity == .error } }
}
