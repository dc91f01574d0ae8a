/// What one pass through a configuration gathers: all problems, and which names are given and used.
struct ConfigReading {
    /// What a name is a name of.
    enum Kind: String { case listener, route, service, handler, instance }

    struct Name {
        var kind: Kind
        var name: String
        var location: ConfigLocation
    }

    /// What relative paths are relative to; ends without a slash.
    let directory: String
    private(set) var problems: [ConfigProblem] = []
    /// Names that things have, in the order of the file.
    private(set) var definitions: [Name] = []
    /// Names that refer to things.
    private(set) var references: [Name] = []

    init(directory: String) { self.directory = directory }

    mutating func add(_ problem: ConfigProblem) { self.problems.append(problem) }

    mutating func problem(_ location: ConfigLocation, _ message: String) {
        self.add(ConfigProblem(location, message))
    }

    mutating func problem(_ node: ConfigNode, _ message: String) { self.problem(node.location, message) }

    mutating func warn(_ location: ConfigLocation, _ message: String) {
        self.add(ConfigProblem(location, message, severity: .warning))
    }

    mutating func define(_ kind: Kind, _ name: String, at location: ConfigLocation) {
        self.definitions.append(Name(kind: kind, name: name, location: location))
    }

    mutating func refer(to kind: Kind, _ name: String, at location: ConfigLocation) {
        self.references.append(Name(kind: kind, name: name, location: location))
    }

    /// `path`, made absolute by the configuration's folder.
    func resolve(_ path: String) -> String { ConfigPaths.resolve(path, in: self.directory) }
}
