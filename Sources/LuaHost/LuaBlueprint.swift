public import Filtering
public import GatewayConfig

/// A script with its budget, at one place of a chain.
///
/// While script, budget and policy stay the same, keep the blueprint: with it every worker keeps its machine
/// and what the script remembers in globals.
public final class LuaBlueprint: FilterBlueprint, @unchecked Sendable {
    // SAFETY: all properties are immutable and Sendable.
    public let script: LuaScript
    public let budget: LuaBudget
    public let onFailure: LuaFilter.FailurePolicy
    let host: FilterHost
    /// For ``options``: machines count how often lines run.
    static let countsLines: UInt32 = 4
    /// Options of its machines besides what the script's text asks for.
    let options: UInt32

    /// - Parameter name: The filter's name in metrics and logs; the script's own when nil.
    /// - Throws: ``LuaError`` when the top level of the script does not fit into this budget.
    public convenience init(
        _ script: LuaScript, name: String? = nil, budget: LuaBudget = LuaBudget(),
        onFailure: LuaFilter.FailurePolicy = .deny, host: FilterHost
    ) throws(LuaError) {
        try self.init(script, name: name, budget: budget, onFailure: onFailure, host: host, options: 0)
    }

    init(
        _ script: LuaScript, name: String?, budget: LuaBudget, onFailure: LuaFilter.FailurePolicy,
        host: FilterHost, options: UInt32
    ) throws(LuaError) {
        self.options = options
        self.script = script
        self.budget = budget
        self.onFailure = onFailure
        self.host = host
        super.init(name: name ?? script.name)
        _ = try self.makeMachine(LuaLog(host: nil, filter: ""))
    }

    public override func makeFilter(_ worker: FilterWorker) -> Filter {
        LuaWorkerFilter(self, worker: worker)
    }

    /// Whether a filter made from `self` does just what one made from these would do.
    public func isUpToDate(script: LuaScript, budget: LuaBudget, onFailure: LuaFilter.FailurePolicy) -> Bool {
        self.script == script && self.budget == budget && self.onFailure == onFailure
    }

    func makeMachine(_ log: LuaLog) throws(LuaError) -> LuaMachine {
        try LuaMachine(
            source: self.script.source, path: self.script.path, config: self.script.config,
            options: self.script.facts.mayWait | self.options, budget: self.budget,
            environment: LuaEnvironment(log: log, modules: LuaModules(self.script.modules))
        )
    }
}
