/// A new path for a request.
public enum PathChange: Sendable, Hashable {
    /// Takes the place of what the rule's `match.path.prefix` matched; the rest and the query stay.
    ///
    /// With prefix `/old` and replacement `/new`, `/old/a` becomes `/new/a` and `/old` becomes `/new`; with
    /// the replacement `/`, `/old/a` becomes `/a`. Key `replacePrefix`.
    case replacePrefix(String)
    /// Takes the place of the whole path; the query stays. Key `replaceFull`.
    case replaceFull(String)
}
