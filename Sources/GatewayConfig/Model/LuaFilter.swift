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

    public init(path: String, budget: LuaBudget = LuaBudget(), onFailure: FailurePolicy = .deny) {
        self.path = path
        self.budget = budget
        self.onFailure = onFailure
    }
}
