/// A condition on a path.
public enum PathMatch: Sendable, Hashable {
    /// The whole path. Key `exact`.
    case exact(String)
    /// The path begins with it and ends there or goes on with a new segment: `/api` matches `/api` and
    /// `/api/x`, not `/apix`. Key `prefix`.
    case prefix(String)
    /// RE2's expression matches the whole path. Key `regex`.
    case regex(String)
}
