/// What is wrong at one place of a configuration.
public struct ConfigProblem: Sendable, Hashable, CustomStringConvertible {
    /// Whether the configuration can be used all the same.
    public enum Severity: String, Sendable, Hashable { case error, warning }

    /// The place.
    public var location: ConfigLocation
    /// What was found and what is allowed; never a secret.
    public var message: String
    public var severity: Severity
    /// The service that no rule sends requests to, when that is the problem: a filter may yet call it.
    public var idleService: String?

    public init(_ location: ConfigLocation, _ message: String, severity: Severity = .error) {
        self.location = location
        self.message = message
        self.severity = severity
    }

    /// The way from the root to the value.
    public var path: String { self.location.path }
    /// Counts from 1.
    public var line: Int { self.location.line }
    /// Counts from 1.
    public var column: Int { self.location.column }

    /// `line:column: path: message`, with `warning: ` before a warning's message.
    public var description: String {
        var text = "\(self.line):\(self.column): "
        if !self.path.isEmpty { text += "\(self.path): " }
        if self.severity == .warning { text += "warning: " }
        return text + self.message
    }
}
