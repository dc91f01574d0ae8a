/// Why a backend was not reached, or did not answer.
///
/// Compare ``code`` only; ``message`` is for people, names the backend and never holds what was sent.
public struct NetError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public struct Code: Sendable, Hashable {
        private let number: Int
        private init(_ number: Int) { self.number = number }
        /// The name leads to no address.
        public static let noAddress = Code(1)
        /// Nobody took the connection.
        public static let notConnected = Code(2)
        /// It took longer than allowed.
        public static let timedOut = Code(3)
        /// The connection ended, or broke.
        public static let closed = Code(4)
        /// A handshake failed: the certificate, for example.
        public static let tls = Code(5)
        /// The backend sent what its protocol does not allow.
        public static let malformed = Code(6)
    }

    /// What went wrong.
    public let code: Code
    /// For people.
    public let message: String
    /// How long the backend wants to be left alone; zero when it has not said so.
    public let retryAfter: Duration

    /// An error of the backend that is called `subject`.
    public init(
        _ code: Code, _ subject: some CustomStringConvertible, _ what: String, retryAfter: Duration = .zero
    ) {
        self.code = code
        self.retryAfter = retryAfter
        self.message = "\(subject): \(what)"
    }

    /// The message.
    public var description: String { self.message }
}
