/// What an adapter says of a request.
public struct Verdict: Sendable, Hashable {
    /// Why a request may not pass, in google.rpc's terms; the HTTP status is what a client is told.
    public struct Code: Sendable, Hashable {
        let number: UInt32

        /// It may pass.
        public static let ok = Code(number: 0)
        /// 400
        public static let invalidArgument = Code(number: 3)
        /// 404
        public static let notFound = Code(number: 5)
        /// 403
        public static let permissionDenied = Code(number: 7)
        /// 429
        public static let resourceExhausted = Code(number: 8)
        /// 503
        public static let unavailable = Code(number: 14)
        /// 401
        public static let unauthenticated = Code(number: 16)
    }

    /// What it comes to.
    public let code: Code
    /// For the client.
    public let message: String
    /// How long requests alike may be treated the same without asking again; zero: ask each time.
    public let validDuration: Duration
    /// How many requests alike may be; nil: any number.
    public let validUses: Int?

    /// A verdict.
    public init(
        _ code: Code, _ message: String = "", validFor duration: Duration = .zero, uses: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.validDuration = duration
        self.validUses = uses
    }

    /// Lets requests alike pass for a while.
    public static func allow(for duration: Duration = .zero, uses: Int? = nil) -> Verdict {
        Verdict(.ok, validFor: duration, uses: uses)
    }
}

/// How much of something a request wants.
public struct QuotaRequest: Sendable, Hashable {
    /// How much.
    public let amount: Int
    /// Whether less may be granted.
    public let isBestEffort: Bool
    /// The same request again has the same; nil: do not look.
    public let deduplicationID: UInt64?
}

/// What is granted of it.
public struct QuotaGrant: Sendable, Hashable {
    /// How much; 0: none.
    public let amount: Int
    /// How long it may be used; zero: now only.
    public let validDuration: Duration

    /// Grants `amount`.
    public init(_ amount: Int, validFor duration: Duration = .zero) {
        self.amount = amount
        self.validDuration = duration
    }
}
