public import GatewayConfig
internal import Primitives

/// A script that compiled, ran and has an entry point.
///
/// Immutable and shared by all workers; each makes its own machine from it.
public final class LuaScript: Sendable {
    /// The most bytes a script may have.
    public static let sizeLimit = 1 << 20

    /// The file, as it was given.
    public let path: String
    public let source: [UInt8]
    /// Tells contents apart in lists and logs (FNV-1a); compare with ``==(_:_:)``.
    public let digest: UInt64
    public let entryPoints: LuaEntryPoints
    let facts: LuaSourceFacts
    /// What the script's top level has required, by name.
    let modules: [String: LuaModules.Module]
    /// What it reads as `postern.config`, as JSON; may hold secrets.
    let config: String

    /// Compiles `source` and runs its top level in a machine of its own, which is thrown away.
    ///
    /// - Parameter config: An object in JSON.
    /// - Throws: ``LuaError``: empty, too large, a syntax error, an error or a used-up budget at the top
    ///   level, a module that cannot be loaded, or no entry point.
    public convenience init(
        source: [UInt8], path: String, budget: LuaBudget = LuaBudget(), config: String = "{}"
    ) throws(LuaError) {
        let modules = LuaModules(besideScript: path)
        try self.init(source: source, path: path, budget: budget, config: config, modules: modules)
    }

    /// - Parameter modules: Learns what the script requires, also when this throws.
    init(
        source: [UInt8], path: String, budget: LuaBudget, config: String, modules: LuaModules
    ) throws(LuaError) {
        let blank: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        if source.allSatisfy(blank.contains) { throw LuaError(path: path, message: "the script is empty") }
        if source.count > Self.sizeLimit {
            throw LuaError(
                path: path, message: "a script must have at most \(Self.sizeLimit) bytes, got \(source.count)"
            )
        }
        self.path = path
        self.source = source
        self.digest = source.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        self.facts = LuaSourceFacts(source)
        self.config = config
        let environment = LuaEnvironment(log: LuaLog(host: nil, filter: ""), modules: modules)
        self.entryPoints = try LuaMachine(
            source: source, path: path, config: config, options: self.facts.mayWait, budget: budget,
            environment: environment
        ).entryPoints
        self.modules = modules.modules
        if self.entryPoints.isEmpty {
            throw LuaError(
                path: path,
                message: "no entry point: define on_request, on_response or on_complete "
                    + "(envoy_on_request and envoy_on_response will do)"
            )
        }
    }

    /// Reads, compiles and tries the script in the file `path`.
    ///
    /// - Throws: ``LuaError``, also when the file cannot be read.
    public static func load(path: String, budget: LuaBudget = LuaBudget()) throws(LuaError) -> LuaScript {
        try LuaScript(source: LuaFolder.contents(of: path), path: path, budget: budget)
    }

    /// What comes last in `path`; it stands for the file in Lua's messages.
    static func fileName(of path: String) -> String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }

    /// The file's name without `.lua`: the filter's name in metrics and logs.
    public var name: String {
        let file = Self.fileName(of: self.path)
        return file.hasSuffix(".lua") ? String(file.dropLast(4)) : file
    }
}

extension LuaScript: Equatable {
    /// Whether path, contents, modules and configuration are the same.
    public static func == (a: LuaScript, b: LuaScript) -> Bool {
        a === b
            || (a.digest == b.digest && a.path == b.path && a.source == b.source && a.config == b.config
                && a.modules == b.modules)
    }
}
