extension GatewayConfiguration {
    /// Reads and checks the file at `path`.
    ///
    /// Blocks while it reads. Nothing is opened but the file itself: plugins, scripts and secrets are looked
    /// at by whoever uses them.
    ///
    /// - Returns: All problems at once, in the order of the file.
    public static func load(path: String) -> LoadResult {
        switch FileContents.read(path, limit: ConfigLimits.fileSize) {
        case .success(let bytes):
            return Self.read(bytes, fileName: path, directory: ConfigPaths.directory(of: path))
        case .failure(let error): return .unreadable(error.reason)
        }
    }

    /// Checks the text of a configuration.
    ///
    /// - Parameters:
    ///   - fileName: Decides by its ending whether the text is YAML or JSON.
    ///   - directory: What relative paths are relative to.
    public static func read(_ bytes: [UInt8], fileName: String, directory: String) -> LoadResult {
        let document = ConfigDocument.read(bytes, fileName: fileName)
        guard let root = document.root else { return .invalid(document.problems) }
        if root.value == .null {
            return .invalid([
                ConfigProblem(root.location, "the file is empty; it needs at least `version: 1`")
            ])
        }
        var reading = ConfigReading(directory: directory)
        let shape = ConfigShape<GatewayConfiguration>.gateway
        guard var configuration = shape.read(root, &reading) else {
            return .invalid(document.problems + reading.problems)
        }
        configuration.directory = directory
        var checks = GatewayChecks(configuration: configuration, reading: reading)
        checks.run()
        let problems = (document.problems + checks.reading.problems).inFileOrder()
        if problems.contains(where: { $0.severity == .error }) { return .invalid(problems) }
        return .loaded(LoadedConfiguration(configuration: configuration, document: root, warnings: problems))
    }

    /// JSON Schema (2020-12) of a configuration file: what this version reads and nothing else.
    public static var jsonSchema: ConfigNode {
        let shape = ConfigShape<GatewayConfiguration>.gateway
        let head: [ConfigNode.Member] = [
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("title", "Postern gateway configuration"),
        ]
        return ConfigNode(.object(head + shape.schema.members))
    }
}

extension [ConfigProblem] {
    /// By line and column; problems at one place stay in their order.
    public func inFileOrder() -> Self {
        let ordered = self.enumerated().sorted { a, b in
            (a.element.line, a.element.column, a.offset) < (b.element.line, b.element.column, b.offset)
        }
        return ordered.map(\.element)
    }
}
