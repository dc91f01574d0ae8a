public import GatewayConfig

/// The scripts at one place of a chain: one file, or what a folder holds.
///
/// A value: ``reloaded()`` makes the next one and keeps, for each file with an error, the last version that
/// was good.
public struct PolicySet: Sendable {
    /// One script's file and how it stands.
    public struct Policy: Sendable {
        public let path: String
        /// The version in force: the file's own, or the last good one when ``problem`` is set; nil when there
        /// never was one.
        public let script: LuaScript?
        /// What is wrong with the file as it is now.
        public let problem: LuaError?
        /// What is wrong with the configuration that the script is given.
        public let configProblems: [ConfigProblem]
        /// The files of the modules that the script requires, also of those that are not there.
        public let modules: [String]

        init(
            path: String, script: LuaScript?, problem: LuaError?, configProblems: [ConfigProblem] = [],
            modules: [String] = []
        ) {
            self.path = path
            self.script = script
            self.problem = problem
            self.configProblems = configProblems
            self.modules = modules
        }
    }

    public let filter: LuaFilter
    /// What the paths of secrets are relative to.
    private let directory: String
    /// Whether it is a folder, whose scripts go by their own names.
    public let isFolder: Bool
    /// In the order they run: by name.
    public let policies: [Policy]

    /// The file or folder.
    public var path: String { self.filter.path }

    /// Reads `path`; nothing throws, because one bad script does not keep the others from running.
    public static func load(path: String, budget: LuaBudget = LuaBudget()) -> PolicySet {
        Self.load(LuaFilter(path: path, budget: budget), directory: "")
    }

    /// Reads a filter's scripts.
    ///
    /// - Parameter directory: What the paths of secrets in its configuration are relative to.
    public static func load(_ filter: LuaFilter, directory: String) -> PolicySet {
        Self.load(filter, directory, previous: [])
    }

    /// Reads again. Files that are unchanged keep their ``LuaScript`` object; files that are gone are
    /// dropped; a folder that cannot be read changes nothing but reports it.
    public func reloaded() -> PolicySet {
        Self.load(self.filter, self.directory, previous: self.policies)
    }

    /// The scripts to run.
    public var scripts: [LuaScript] { self.policies.compactMap(\.script) }
    public var problems: [LuaError] { self.policies.compactMap(\.problem) }

    private static func load(_ filter: LuaFilter, _ directory: String, previous: [Policy]) -> PolicySet {
        let paths: [String]
        let isFolder = LuaFolder.isFolder(filter.path)
        do throws(LuaError) {
            paths = try isFolder ? LuaFolder.scripts(in: filter.path) : [filter.path]
        } catch {
            let kept = previous.filter { $0.script != nil }
            let failed = Policy(path: filter.path, script: nil, problem: error)
            return PolicySet(
                filter: filter, directory: directory, isFolder: isFolder, policies: kept + [failed])
        }
        let policies = paths.map { path in
            Self.load(path, filter, directory, last: previous.first { $0.path == path }?.script)
        }
        return PolicySet(filter: filter, directory: directory, isFolder: isFolder, policies: policies)
    }

    private static func load(
        _ path: String, _ filter: LuaFilter, _ directory: String, last: LuaScript?
    ) -> Policy {
        let modules = LuaModules(besideScript: path)
        do throws(LuaError) {
            let contents = try LuaFolder.contents(of: path)
            let (config, problems) = try Self.config(filter.config, of: contents, path, directory)
            guard problems.isEmpty else {
                return Policy(path: path, script: last, problem: nil, configProblems: problems)
            }
            if let last, last.source == contents, last.config == config,
                LuaModules.areUnchanged(last.modules)
            {
                return Policy(
                    path: path, script: last, problem: nil, modules: last.modules.values.map(\.path))
            }
            let script = try LuaScript(
                source: contents, path: path, budget: filter.budget, config: config, modules: modules)
            return Policy(
                path: path, script: script, problem: nil, modules: modules.modules.values.map(\.path))
        } catch {
            let files = Array(modules.modules.values) + Array((last?.modules ?? [:]).values)
            return Policy(path: path, script: last, problem: error, modules: files.map(\.path))
        }
    }

    /// The configuration as the script is given it: checked by the schema that it declares, and with secrets
    /// in the place of what refers to them.
    private static func config(
        _ config: ConfigNode, of source: [UInt8], _ path: String, _ directory: String
    ) throws(LuaError) -> (json: String, problems: [ConfigProblem]) {
        guard let schema = try LuaScriptSchema.declared(in: source, path: path) else {
            return (config.json(secrets: .revealed), [])
        }
        let (resolved, problems) = schema.resolve(config, directory: directory)
        return (resolved.json(secrets: .revealed), problems)
    }
}
