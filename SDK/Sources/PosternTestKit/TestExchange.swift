public import PosternSDK

/// One request through one filter, and its response.
///
/// The filter's hooks run as a gateway calls them, each when its turn comes: a pause holds the message, a
/// buffered body is shown whole, an answer of the filter passes its own response hooks.
public final class TestExchange {
    /// Who sent it.
    let filter: TestFilter
    /// What the filter sees of the request.
    var request: TestRequest
    /// What the filter sees of the response; status 0 before there is one.
    var answerHead = TestResponse(0)
    private(set) lazy var requestPass = TestPass(.request, self)
    private(set) lazy var responsePass = TestPass(.response, self)
    let memory: StreamMemory
    /// The id given out for other threads; 0 when none was asked for.
    var id: UInt64 = 0
    var body: [UInt8]?
    var replacement: [UInt8]?
    var hasResponded = false
    var metadata: [String: [String: String]] = [:]
    /// The connection whose memory and services it is; there is no request then.
    weak var connection: TestConnection?
    private var pendingReply: TestResponse?
    private var isReplying = false
    private var isSettling = false

    /// What the service gets; nil while its head is held, and when the filter answers itself.
    public internal(set) var forwarded: TestRequest?
    /// What the client gets; nil while its head is held.
    public internal(set) var response: TestResponse?
    /// Why the response is what it is, as in the access log; `via_upstream` for the service's own.
    public private(set) var details = "via_upstream"
    /// The client's connection was reset instead of a whole response.
    public private(set) var isReset = false
    /// The exchange is finished and the filter's state is gone.
    public private(set) var isOver = false
    /// How often the filter asked for the route to be resolved again.
    public internal(set) var routesCleared = 0
    /// Values of attributes that a test supplies, such as `source.address`; those of messages and metadata
    /// are known.
    public var attributes: [String: String] = [:]

    init(_ filter: TestFilter, _ request: TestRequest) {
        self.filter = filter
        self.request = request
        if !request.body.parts.isEmpty, request.trailers.list.isEmpty,
            request.headers["content-length"] == nil
        {
            self.request.headers.add("content-length", "\(request.body.bytes.count)")
        }
        self.memory = StreamMemory(bytes: filter.stateBytes)
    }

    deinit { self.end() }

    /// Whether the filter has stopped the message of that direction.
    public func isPaused(_ direction: StreamDirection) -> Bool { self.pass(direction).isPaused }

    func pass(_ direction: StreamDirection) -> TestPass {
        direction == .request ? self.requestPass : self.responsePass
    }

    /// The service answers; allowed once, after ``forwarded`` has its head.
    ///
    /// - Returns: false when nothing was asked of the service, or the response has begun.
    @discardableResult
    public func answer(_ response: TestResponse) -> Bool {
        guard self.forwarded != nil, !self.isReplying, !self.isOver, self.answerHead.status == 0 else {
            return false
        }
        self.answerHead = response
        if !response.body.parts.isEmpty, response.trailers.list.isEmpty,
            response.headers["content-length"] == nil
        {
            self.answerHead.headers.add("content-length", "\(response.body.bytes.count)")
        }
        self.responsePass.begin(response.body.parts, hasTrailers: !response.trailers.list.isEmpty)
        self.settle()
        return true
    }

    /// The client goes away.
    public func abort() {
        self.isReset = true
        self.settle()
    }

    func start() {
        self.open()
        self.requestPass.begin(
            self.request.body.parts, hasTrailers: !self.request.trailers.list.isEmpty)
        self.settle()
    }

    // MARK: What the passes and the filter's calls ask for

    func isAnswered(in direction: StreamDirection) -> Bool {
        self.pendingReply != nil || self.isReset || (direction == .request && self.isReplying)
    }

    /// - Returns: false when a response has begun to leave, or the filter has answered already.
    func respond(_ reply: TestResponse, details: String) -> Bool {
        guard self.connection == nil, self.response == nil, self.pendingReply == nil, !self.isReset,
            !self.isOver
        else {
            return false
        }
        self.pendingReply = reply
        self.details = details
        return true
    }

    /// Answers when that is still possible, else resets the client's connection.
    func fail(_ status: Int, _ details: String) {
        if self.respond(TestResponse(status), details: details) { return }
        if self.pendingReply == nil { self.details = details }
        self.isReset = self.isReset || self.response != nil
    }

    /// Lets everything happen that can.
    func settle() {
        if self.isSettling || self.isOver { return }
        self.isSettling = true
        repeat {
            if let reply = self.pendingReply {
                self.pendingReply = nil
                self.begin(reply)
            }
            self.requestPass.pump()
            self.responsePass.pump()
        } while self.pendingReply != nil && !self.isReset
        self.isSettling = false
        if self.isReset || self.responsePass.isDone { self.end() }
    }

    private func begin(_ reply: TestResponse) {
        self.isReplying = true
        // A filter that answers in place of a response does not see its own answer.
        let isSeen = !self.responsePass.hasBegun
        self.answerHead = reply
        if !reply.body.parts.isEmpty, reply.headers["content-type"] == nil {
            self.answerHead.headers.add("content-type", "text/plain")
        }
        self.responsePass = TestPass(.response, self)
        self.responsePass.isUnseen = !isSeen
        self.responsePass.begin(reply.body.parts, hasTrailers: false)
    }

    private func end() {
        if self.isOver { return }
        self.filter.host.pending.removeAll { $0.owner == ObjectIdentifier(self) }
        self.complete()
        self.isOver = true
        self.filter.host.pending.removeAll { $0.owner == ObjectIdentifier(self) }
        self.close()
    }

    // MARK: Metadata

    /// What filters left under `space` and `key`, as JSON.
    public func metadata(_ space: String, _ key: String) -> String? { self.metadata[space]?[key] }

    /// Leaves a value, given as JSON, for the filter to find.
    public func setMetadata(_ space: String, _ key: String, json: String) {
        self.metadata[space, default: [:]][key] = json
    }
}
