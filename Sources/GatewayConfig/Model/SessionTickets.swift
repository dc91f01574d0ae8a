/// Tickets with which clients resume a session, with any worker.
public struct SessionTickets: Sendable, Hashable {
    /// Default true. Key `enabled`.
    public var isEnabled: Bool
    /// Files of 80 or 48 bytes: the first encrypts, all decrypt. Without any the process makes its own.
    ///
    /// At most 8. Key `keys`.
    public var keys: [String]
    /// How long a key of the process's own encrypts, and how long a session can be resumed.
    ///
    /// Default 8 h; 1 min...7 days. Key `rotation`.
    public var rotation: Duration

    public init(isEnabled: Bool = true, keys: [String] = [], rotation: Duration = .seconds(8 * 3600)) {
        self.isEnabled = isEnabled
        self.keys = keys
        self.rotation = rotation
    }
}
