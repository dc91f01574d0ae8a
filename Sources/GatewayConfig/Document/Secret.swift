/// A text that must not be seen: a key, a token, a password.
///
/// Every way of printing it gives `<redacted>`; ``reveal()`` alone gives the text.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The text, for the code that needs it and for nothing that is written down.
    public func reveal() -> String { self.text }

    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
