public import Primitives

/// Names a stream for asynchronous work; never used again in the life of a process.
public struct StreamID: Sendable, Hashable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// An answer made by Postern itself or by one of its filters.
///
/// Fields are checked like every edit of a header block; `content-length` and `content-type: text/plain` are
/// supplied when absent.
public struct LocalResponse {
    /// 200...599.
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Why, for the access log and `%RESPONSE_CODE_DETAILS%`: lower-case words joined by "_".
    public var details: String
    /// What a gRPC client gets in place of the status that follows from ``status``.
    public var grpcStatus: UInt8?

    public init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], details: String
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.details = details
    }
}

/// One request and its response, as a filter sees them.
///
/// Belongs to one worker; every member is for that worker's thread only. A filter may not keep a reference
/// past ``Filter/close(_:_:)``: the object is used again for another request.
open class FilterStream {
    /// The request's head.
    public final let request: HeaderBlock
    /// The response's head; empty until there is one.
    public final let response: HeaderBlock
    public final let requestTrailers: HeaderBlock
    public final let responseTrailers: HeaderBlock
    /// In a body hook, the bytes that this filter is shown; otherwise empty. Valid until the hook returns.
    public final var body: ByteView = .empty
    public final var id = StreamID(rawValue: 0)
    /// What filters leave for each other and for attributes.
    public final var metadata = StreamMetadata()
    /// The head of that message has left, or will not: a change of its fields would have no effect.
    public final var isSealed: (request: Bool, response: Bool) = (false, false)
    public final let worker: FilterWorker
    /// What filters of this stream wait for; kept by the worker.
    public final var pending: [PendingID] = []

    /// - Parameter worker: Must outlive the stream.
    public init(
        worker: FilterWorker, response: HeaderBlock = HeaderBlock(capacity: 1024),
        responseTrailers: HeaderBlock = HeaderBlock(capacity: 16)
    ) {
        self.worker = worker
        self.request = HeaderBlock(capacity: 1024)
        self.response = response
        self.requestTrailers = HeaderBlock(capacity: 16)
        self.responseTrailers = responseTrailers
    }

    /// In a body hook, what the next filter is shown and the peer is sent instead of ``body``. The bytes are
    /// copied.
    ///
    /// A changed length is seen to by the host (chunked framing, `content-length` dropped) only when the
    /// filter announced it with ``willChangeBody(_:)`` in the head hook or buffers the body.
    open func replaceBody(_ bytes: ByteView) {}

    /// In a head hook: the filter will change the length of the body, so no `content-length` may be promised.
    open func willChangeBody(_ direction: StreamDirection) {}

    /// In a head hook: how much of a body ``FilterAction/buffer`` may collect, in bytes; 1 MiB otherwise.
    ///
    /// A longer body is answered 413, or 502 in a response.
    open func limitBuffer(_ direction: StreamDirection, to bytes: Int) {}

    /// Answers the request. The response passes, in reverse, the response hooks of the filters the request
    /// had reached.
    ///
    /// - Returns: Whether it could: not after the response's head has left, and not twice.
    open func respond(_ response: LocalResponse) -> Bool { false }

    /// Goes on after ``FilterAction/pause`` of the filter in `slot`. Does nothing when that filter is not
    /// paused.
    ///
    /// Never calls a filter before the current hook has returned.
    open func resume(_ direction: StreamDirection, by slot: Int) {}

    /// As ``resume(_:by:)`` after a pause of the head hook, but as if that hook had returned
    /// ``FilterAction/buffer``.
    open func resumeBuffering(_ direction: StreamDirection, by slot: Int) {}

    /// Body that waits behind the pause of the filter in `slot`, which has been shown it; valid until it is
    /// replaced or passed on.
    open func heldBody(_ direction: StreamDirection, by slot: Int) -> ByteView { .empty }

    /// Puts other bytes in the place of ``heldBody(_:by:)``, which may be announced as
    /// ``replaceBody(_:)`` says.
    open func replaceHeldBody(_ direction: StreamDirection, by slot: Int, _ bytes: ByteView) {}

    /// Counts an error of the filter in `slot`, as ``FilterAction/failed`` does, when that filter answers
    /// itself or goes on.
    open func countError(by slot: Int) {}

    /// Forgets the route; it is resolved again at next need. Only before the request has left.
    open func clearRoute() {}

    /// Where the request is to go among the endpoints of its service, `ADDRESS:PORT`; only before it has
    /// left.
    ///
    /// - Parameter isStrict: Answer 503 when there is no such endpoint; else it is chosen as always.
    open func overrideEndpoint(_ address: String, isStrict: Bool) {}

    /// Closes the client's connection when this exchange is over.
    open func closeConnectionAfterwards() {}

    /// What the configuration says about the rule that matched, and about its route; the route is resolved
    /// for it.
    open var ruleMetadata: StreamMetadata { StreamMetadata() }
    open var routeMetadata: StreamMetadata { StreamMetadata() }

    /// The value now of an attribute of this exchange.
    open func attribute(_ attribute: Attribute) -> AttributeValue { .none }
}

/// What a worker offers to its filters.
///
/// One a worker thread; ``post(_:_:)`` alone may be called from any thread.
open class FilterWorker {
    /// 0 for the first worker.
    public final let index: Int

    public init(index: Int) { self.index = index }

    /// The loop's time, read once a turn.
    open var now: MonotonicTime { MonotonicTime.now() }
    open var wallTime: WallTime { WallTime.now() }

    /// The stream called `id`, while it lives.
    open func stream(_ id: StreamID) -> FilterStream? { nil }

    /// Runs `work` on the worker's thread with the stream, soon; drops it when the stream no longer lives.
    ///
    /// - Important: From any thread.
    open func post(_ id: StreamID, _ work: @escaping @Sendable (FilterStream) -> Void) {}

    // MARK: Waiting
    //
    // For the worker's thread. What is asked for with a stream is forgotten when that stream ends; without
    // one, it lasts until it happens or is cancelled. Nothing is called before the present hook has returned.

    /// Sends a request to a service.
    ///
    /// - Returns: nil when no service has that name; `done` is not called then.
    open func call(
        _ callout: Callout, for stream: FilterStream?, _ done: @escaping (CalloutResult) -> Void
    ) -> PendingID? { nil }

    /// Calls `fire` once, at the earliest after so many nanoseconds.
    open func setTimer(
        _ nanoseconds: UInt64, for stream: FilterStream?, _ fire: @escaping () -> Void
    ) -> PendingID { PendingID(rawValue: 0) }

    /// Calls `ready` whenever the descriptor's state changes (edge triggered), until cancelled. The
    /// descriptor stays the caller's: cancel first, then close it.
    ///
    /// - Returns: nil when the kernel refuses it.
    open func watch(_ descriptor: Int32, _ ready: @escaping (DescriptorEvents) -> Void) -> PendingID? { nil }

    /// Forgets what is waited for; does nothing when it has happened.
    open func cancel(_ id: PendingID) {}

    // MARK: Metrics

    /// Adds to a counter, or sets a gauge, that ``FilterHost`` defined.
    open func add(_ metric: FilterMetric, _ value: UInt64) {}
    open func set(_ metric: FilterMetric, _ value: UInt64) {}
    /// Records a value in a histogram that ``FilterHost`` defined.
    open func observe(_ metric: FilterMetric, _ value: UInt64) {}
}
