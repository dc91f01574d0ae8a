/// The JSON Schema that a plugin carries for its own configuration.
///
/// A subset of draft 2020-12: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`,
/// `propertyNames`, `dependentRequired`, `minProperties`, `maxProperties`, `items`, `minItems`, `maxItems`,
/// `uniqueItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `minLength`, `maxLength`,
/// `pattern` (in RE2's syntax), `oneOf`, `anyOf`, `$defs`, `$ref` to `#` or `#/$defs/NAME`, and `writeOnly`
/// on strings, which marks secrets. Annotations (`title`, `description`, `default`, `examples`, `deprecated`,
/// `$comment`, `$schema`, `$id`) are kept and have no effect. Any other keyword is refused, so that no check
/// is silently left out.
public struct PluginSchema: Sendable {
    /// The schema as the plugin wrote it.
    public let document: ConfigNode
    /// The schema and all that are within it; they refer to each other by index, the first is the root.
    let rules: [SchemaRule]

    /// Parses a schema.
    ///
    /// - Throws: All that is wrong with it.
    public init(json: String) throws(PluginSchemaError) {
        let reading = ConfigDocument.read(Array(json.utf8), as: .json)
        guard let root = reading.root, reading.problems.isEmpty else {
            throw PluginSchemaError(problems: reading.problems)
        }
        try self.init(root)
    }

    /// Takes a schema that has been read.
    ///
    /// - Throws: All that is wrong with it.
    public init(_ document: ConfigNode) throws(PluginSchemaError) {
        var compiler = SchemaCompiler(document)
        compiler.run()
        guard compiler.problems.isEmpty else { throw PluginSchemaError(problems: compiler.problems) }
        self.document = document
        self.rules = compiler.rules
    }

    /// What is wrong with a plugin's configuration.
    ///
    /// Where a secret is wanted, `{ file: PATH }` and `{ env: NAME }` pass; what they stand for is not looked
    /// at. Messages never show a secret.
    public func validate(_ config: ConfigNode) -> [ConfigProblem] {
        var validator = SchemaValidator(rules: self.rules)
        validator.validate(config, 0)
        return validator.problems
    }

    /// Puts secrets in place of what refers to them, as texts that are never printed, and checks the result.
    ///
    /// Blocks: it reads files. Also literal secrets are wrapped.
    ///
    /// - Parameters:
    ///   - directory: What the paths of `{ file: PATH }` are relative to.
    ///   - environment: Looks up a variable for `{ env: NAME }`.
    /// - Returns: What the plugin is given (`json(secrets: .revealed)`), and the problems; with any, it must
    ///   not be used.
    public func resolve(
        _ config: ConfigNode, directory: String, environment: (String) -> String? = ProcessEnvironment.value
    ) -> (config: ConfigNode, problems: [ConfigProblem]) {
        let problems = self.validate(config)
        guard problems.isEmpty else { return (config, problems) }
        var failures: [ConfigProblem] = []
        let resolved = SecretWalk(rules: self.rules).map(config) { node in
            switch SecretReference.resolve(node, directory: directory, environment: environment) {
            case .success(let secret): return ConfigNode(.secret(secret), at: node.location)
            case .failure(let failure):
                failures.append(failure.problem)
                return node
            }
        }
        return (resolved, failures.isEmpty ? self.validate(resolved) : failures)
    }

    /// The files that `{ file: PATH }` in a configuration names; their content is part of it.
    public func files(in config: ConfigNode, directory: String) -> [String] {
        var found: [String] = []
        _ = SecretWalk(rules: self.rules).map(config) { node in
            if case .file(let path) = SecretReference(node) {
                found.append(ConfigPaths.resolve(path, in: directory))
            }
            return node
        }
        return found
    }

    /// The configuration as somebody may see it: literal secrets are gone, references to secrets stay.
    public func redacted(_ config: ConfigNode) -> ConfigNode {
        SecretWalk(rules: self.rules).map(config) { node in
            if SecretReference(node) != nil { return node }
            return ConfigNode(.secret(Secret("")), at: node.location)
        }
    }
}

/// Why a plugin's schema cannot be used.
public struct PluginSchemaError: Error, Sendable, CustomStringConvertible {
    /// Places are within the schema's text.
    public var problems: [ConfigProblem]

    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}
