internal import GatewayConfig
internal import Routing

/// A configuration that was read, with everything that only the data plane can tell of it: whether its rules
/// can match, its plugins load and take their configuration, and its scripts compile.
struct Candidate {
    let routes: RouteTable
    let filters: FilterCatalogue.Resolved
    /// What the reader has not told, in no order.
    let problems: [ConfigProblem]

    /// - Parameter path: The configuration's file: paths of secrets are relative to its folder.
    init(_ loaded: LoadedConfiguration, _ catalogue: FilterCatalogue, path: String) {
        let configuration = loaded.configuration
        let (routes, routeProblems) = RouteTable.compile(
            routes: configuration.routes, listenerNames: configuration.listeners.map(\.name)
        )
        self.routes = routes
        self.filters = catalogue.resolve(configuration, directory: ConfigPaths.directory(of: path))
        self.problems = routeProblems + self.filters.problems
    }

    var isUsable: Bool { !self.problems.contains { $0.severity == .error } }
}
