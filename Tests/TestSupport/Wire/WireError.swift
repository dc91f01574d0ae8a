/// Why a socket of a test could not do what was asked.
public struct WireError: Error, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// Nothing happened until the deadline.
        case timedOut
        /// The peer has reset the connection.
        case reset
        /// The peer ended in the middle of a message.
        case ended
        case other
    }

    public let reason: Reason
    public let description: String

    public init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
