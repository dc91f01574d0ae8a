/// Why a batch could not be taken, and how long its backend wants to be left alone.
///
/// Any error will do when nothing is known of that; the host then waits as long as it likes.
public struct ReportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// For the log, and shown as the handler's last problem.
    public let message: String
    /// At least so long until the same records come again; zero: as the host likes.
    public let retryAfter: Duration

    /// None of the records was taken.
    public init(_ message: String, retryAfter: Duration = .zero) {
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The message.
    public var description: String { self.message }
}
