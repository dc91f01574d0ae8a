/// What became of reading a configuration.
public enum LoadResult: Sendable {
    /// It can be used. The problems are warnings.
    case loaded(LoadedConfiguration)
    /// It cannot be used: at least one of the problems is an error.
    case invalid([ConfigProblem])
    /// The file could not be read; why.
    case unreadable(String)

    /// The result after a further check of a configuration that is good so far, in file order.
    ///
    /// For what other modules know: whether a plugin takes its `config`, whether a rule can ever match.
    ///
    /// - Parameter check: Gives the reader's warnings back with what it finds, but for those it knows better.
    public func checked(_ check: (LoadedConfiguration) -> [ConfigProblem]) -> LoadResult {
        guard case .loaded(var loaded) = self else { return self }
        let problems = check(loaded).inFileOrder()
        if problems.contains(where: { $0.severity == .error }) { return .invalid(problems) }
        loaded.warnings = problems
        return .loaded(loaded)
    }
}

/// A configuration that was found good, with what it was read from.
public struct LoadedConfiguration: Sendable {
    public var configuration: GatewayConfiguration
    /// The whole file, for `/config_dump`.
    public var document: ConfigNode
    /// Warnings only.
    public var warnings: [ConfigProblem]

    public init(configuration: GatewayConfiguration, document: ConfigNode, warnings: [ConfigProblem]) {
        self.configuration = configuration
        self.document = document
        self.warnings = warnings
    }
}
