/// A filter from a script, or from every script of a folder.
public struct LuaFilter: Sendable, Hashable {
    /// Who loses when a script fails or exceeds its budget.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// The request is answered with 500.
        case deny
        /// The request goes on as if the script were not there.
        case allow
    }

    /// The script, or a folder whose `*.lua` run by name.
    ///
    /// Required; relative to the configuration file. Key `lua`.
    public var path: String
    /// What each call of the script may use.
    ///
    /// Key `budget`.
    public var budget: LuaBudget
    /// Who loses when the script fails.
    ///
    /// Default `deny`; `deny` or `allow`. Key `onFailure`.
    public var onFailure: FailurePolicy

    /// What the script reads as `postern.config`; its own schema, when it has one, describes it.
    ///
    /// Default an empty object. Key `config`.
    public var config: ConfigNode

    public init(
        path: String, budget: LuaBudget = LuaBudget(), onFailure: FailurePolicy = .deny,
        config: ConfigNode = ConfigNode(.object([]))
    ) {
        self.path = path
        self.config = config
        self.budget = budget
        self.onFailure = onFailure
    }
}
