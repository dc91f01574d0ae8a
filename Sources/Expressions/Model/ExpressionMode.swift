/// Which language a text is in.
public enum ExpressionMode: Sendable, Hashable {
    /// CEL with its extensions.
    case standard
    /// CEL with Mixer's operator `|`, whose right side stands in for an absent attribute.
    case rules
}
