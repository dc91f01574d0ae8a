public import Primitives

/// A request that a filter sends to a service of the configuration, on its own account.
///
/// It shares the service's connections, balancing and connect timeout with the traffic. It is tried again
/// where that is always safe, never otherwise.
public struct Callout {
    /// The service's name in the configuration.
    public var service: String
    /// Method, path, authority and fields. Framing and the connection's fields are the host's.
    public let head: HeaderBlock
    public var body: [UInt8]
    /// The longest wait for the whole answer, in nanoseconds; 1 or more.
    public var timeout: UInt64
    /// The most body of an answer, in bytes; a longer one fails with ``CalloutFailure/tooLarge``.
    public var answerLimit: Int

    public init(
        service: String, head: HeaderBlock, body: [UInt8] = [], timeout: UInt64, answerLimit: Int = 1 << 20
    ) {
        self.service = service
        self.head = head
        self.body = body
        self.timeout = timeout
        self.answerLimit = answerLimit
    }
}

/// What came of a ``Callout``; its parts live until the call that brought them returns.
public enum CalloutResult {
    case answer(head: HeaderBlock, body: ByteView, trailers: HeaderBlock)
    case failed(CalloutFailure)
}

/// Why there is no answer to a ``Callout``.
public enum CalloutFailure: UInt8, Sendable, CaseIterable {
    /// The service has no endpoint that could be reached.
    case unreachable = 1
    case timedOut
    /// The connection ended before the whole answer.
    case reset
    /// The answer is no HTTP/1.1.
    case badAnswer
    /// The answer's body is over its limit.
    case tooLarge
    /// Every connection of the service is in use.
    case overflow

    /// For logs.
    public var name: StaticString {
        switch self {
        case .unreachable: "unreachable"
        case .timedOut: "timed_out"
        case .reset: "reset"
        case .badAnswer: "bad_answer"
        case .tooLarge: "too_large"
        case .overflow: "overflow"
        }
    }
}

/// Names something that a filter waits for: a callout, a timer, a watched descriptor. Never 0 and never used
/// again.
public struct PendingID: Sendable, Hashable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// What a watched descriptor is ready for.
public struct DescriptorEvents: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let readable = DescriptorEvents(rawValue: 1)
    public static let writable = DescriptorEvents(rawValue: 2)
    /// The peer has closed, or an error is pending.
    public static let closed = DescriptorEvents(rawValue: 4)
}
