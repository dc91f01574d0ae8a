public import Filtering
public import Primitives

/// What one call of ``BodyDecoder/next(_:trailers:)`` found.
public struct BodyStep {
    /// Bytes of the input that are done with.
    public var consumed: Int
    /// Bytes of the body, a slice of the input; may be empty.
    public var data: ByteView
    /// Whether the body, trailers included, ends with the bytes consumed.
    public var isEnd: Bool
    public var error: HTTPError?
}

/// Takes the body of one message out of the bytes of a connection, without copying.
///
/// One a connection and direction; ``begin(_:limits:isResponse:)`` starts each body.
///
///     begin --> length/untilClose: data ... end
///          '--> chunked: size -> data -> CRLF -> size ... 0 -> trailers -> end
public struct BodyDecoder {
    private enum State {
        case finished
        case length
        case untilClose
        case chunked
    }

    private var state = State.finished
    private var remaining: UInt64 = 0
    private var chunks = ChunkedDecoder()
    private var isResponse = false

    public init() {}

    /// Whether no byte of the body is missing.
    public var isFinished: Bool { self.state == .finished }

    /// Starts a body. One that is empty is finished at once, without a call of ``next(_:trailers:)``.
    ///
    /// - Parameter limits: Bounds the trailers, in bytes and in fields.
    /// - Parameter isResponse: Faults then have status 502.
    public mutating func begin(_ framing: BodyFraming, limits: HeadLimits, isResponse: Bool = false) {
        self.isResponse = isResponse
        switch framing {
        case .none: self.state = .finished
        case .length(let bytes):
            self.remaining = bytes
            self.state = bytes == 0 ? .finished : .length
        case .untilClose: self.state = .untilClose
        case .chunked:
            self.chunks = ChunkedDecoder(limits: limits)
            self.state = .chunked
        }
    }

    /// Reads on; call again while input is left, the body has not ended and there is no error.
    ///
    /// - Parameter trailers: Takes trailer fields as they come, whose names and values follow the rules of
    ///   heads. Those that frame, route or authorise a message are dropped (RFC 9110, 6.5.1).
    public mutating func next(_ input: ByteView, trailers: HeaderBlock) -> BodyStep {
        switch self.state {
        case .finished:
            return BodyStep(consumed: 0, data: input[0..<0], isEnd: true, error: nil)
        case .length:
            let count = self.remaining < UInt64(input.count) ? Int(self.remaining) : input.count
            self.remaining -= UInt64(count)
            if self.remaining == 0 { self.state = .finished }
            return BodyStep(consumed: count, data: input[0..<count], isEnd: self.remaining == 0, error: nil)
        case .untilClose:
            return BodyStep(consumed: input.count, data: input, isEnd: false, error: nil)
        case .chunked:
            var step = self.chunks.next(input, trailers: trailers)
            if step.isEnd { self.state = .finished }
            if self.isResponse, let error = step.error { step.error = error.inResponse }
            return step
        }
    }

    /// The connection has ended.
    ///
    /// - Returns: nil when the body may end so: it was finished, or lasts until the connection closes.
    public mutating func end() -> HTTPError? {
        switch self.state {
        case .finished: return nil
        case .untilClose:
            self.state = .finished
            return nil
        case .length, .chunked: return self.isResponse ? HTTPError.bodyCutShort.inResponse : .bodyCutShort
        }
    }
}
