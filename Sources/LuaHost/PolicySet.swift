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
    }

    /// The file or folder.
    public let path: String
    public let budget: LuaBudget
    /// Whether it is a folder, whose scripts go by their own names.
    public let isFolder: Bool
    /// In the order they run: by name.
    public let policies: [Policy]

    /// Reads `path`; nothing throws, because one bad script does not keep the others from running.
    public static func load(path: String, budget: LuaBudget = LuaBudget()) -> PolicySet {
        Self.load(path: path, budget: budget, previous: [])
    }

    /// Reads again. Files that are unchanged keep their ``LuaScript`` object; files that are gone are
    /// dropped; a folder that cannot be read changes nothing but reports it.
    public func reloaded() -> PolicySet {
        Self.load(path: self.path, budget: self.budget, previous: self.policies)
    }

    /// The scripts to run.
    public var scripts: [LuaScript] { self.policies.compactMap(\.script) }
    public var problems: [LuaError] { self.policies.compactMap(\.problem) }

    private static func load(path: String, budget: LuaBudget, previous: [Policy]) -> PolicySet {
        let paths: [String]
        let isFolder = LuaFolder.isFolder(path)
        do throws(LuaError) {
            paths = try isFolder ? LuaFolder.scripts(in: path) : [path]
        } catch {
            let kept = previous.filter { $0.script != nil }
            let failed = Policy(path: path, script: nil, problem: error)
            return PolicySet(path: path, budget: budget, isFolder: isFolder, policies: kept + [failed])
        }
        let policies = paths.map { path in
            let last = previous.first { $0.path == path }?.script
            do throws(LuaError) {
                let contents = try LuaFolder.contents(of: path)
                if let last, last.source == contents { return Policy(path: path, script: last, problem: nil) }
                let script = try LuaScript(source: contents, path: path, budget: budget)
                return Policy(path: path, script: script, problem: nil)
            } catch {
                return Policy(path: path, script: last, problem: error)
            }
        }
        return PolicySet(path: path, budget: budget, isFolder: isFolder, policies: policies)
    }
}
