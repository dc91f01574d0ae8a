internal import CPosternABI

/// A service that a filter calls; see ``FilterHost/service(_:at:)``.
public struct Service: Sendable, Hashable {
    let id: postern_service
}

/// A request that a filter sends to a service on its own account.
public struct Callout: Sendable {
    /// Where to; the connections are those of the traffic.
    public var service: Service
    /// A method token.
    public var method: String
    /// Path and query, beginning with `/`.
    public var path: String
    /// Host and port; empty: the service's name.
    public var authority: String
    /// Framing and the connection's fields are the host's.
    public var headers: [(name: String, value: String)]
    /// The whole body.
    public var body: [UInt8]
    /// The longest wait for the whole answer; more than zero.
    public var timeout: Duration
    /// The most body of an answer, in bytes.
    public var answerLimit: Int

    /// A `GET` that is waited for one second, unless said otherwise.
    public init(
        to service: Service, method: String = "GET", path: String, authority: String = "",
        headers: [(name: String, value: String)] = [], body: [UInt8] = [], timeout: Duration = .seconds(1),
        answerLimit: Int = 1 << 20
    ) {
        self.service = service
        self.method = method
        self.path = path
        self.authority = authority
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.answerLimit = answerLimit
    }
}

/// What a service answered to a ``Callout``.
public struct CalloutAnswer: Sendable {
    /// 200...599.
    public let status: Int
    /// In the order received, names as they were spelt.
    public let headers: [(name: String, value: String)]
    /// The whole body.
    public let body: [UInt8]
    /// The trailers, if there were any.
    public let trailers: [(name: String, value: String)]

    /// The first field of that name, whatever its case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return self.headers.first { $0.name.lowercased() == name }?.value
    }
}

/// Why there is no answer to a ``Callout``.
public struct CalloutFailure: Error, Sendable, Hashable, CustomStringConvertible {
    let code: postern_callout_failure

    /// The service has no endpoint that could be reached.
    public static let unreachable = Self(code: 1)
    /// The answer took longer than the callout's timeout.
    public static let timedOut = Self(code: 2)
    /// The connection ended before the whole answer.
    public static let reset = Self(code: 3)
    /// The answer is no HTTP.
    public static let badAnswer = Self(code: 4)
    /// The answer's body is over its limit.
    public static let tooLarge = Self(code: 5)
    /// Every connection of the service is in use.
    public static let overflow = Self(code: 6)
    /// The callout was malformed, or its service is gone; it was not sent.
    public static let refused = Self(code: .max)

    /// One word or two, for logs.
    public var description: String {
        switch self.code {
        case 1: "unreachable"
        case 2: "timed out"
        case 3: "reset"
        case 4: "bad answer"
        case 5: "answer too large"
        case 6: "overflow"
        default: "refused"
        }
    }
}

/// Something that a stream waits for, to be cancelled.
public struct Pending: Sendable, Hashable {
    let id: postern_pending
}
