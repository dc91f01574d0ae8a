internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor

/// The client's end of an exchange: one request and its response, whatever protocol carries them.
///
/// A subclass reads the request and calls the exchange (`begin`, `requestBodyArrived`, …); the exchange
/// answers through the `send` functions, and its last call is
/// ``exchangeEnded(isAborted:isRequestReceived:)``.
class ClientStream: EventHandler {
    // SAFETY: the connection owns its streams, and ends them before it goes; one that is kept to be used
    // again is told its next connection first of all.
    final unowned(unsafe) var connection: ServerConnection
    // SAFETY: see Exchange.
    final unowned(unsafe) var exchange: Exchange?
    /// Runs while a rule limits the time of an exchange; made when a rule first wants it.
    private final var requestTimer: DeadlineTimer?

    init(_ connection: ServerConnection) { self.connection = connection }

    // MARK: The response

    /// Sends the head of `exchange.response`.
    ///
    /// - Parameters:
    ///   - framing: How the end of the body is known; `.chunked` when it is not known before.
    ///   - endOfStream: There is no body.
    func sendHead(_ exchange: Exchange, framing: BodyFraming, endOfStream: Bool) {}

    /// Sends an informational response other than 101, or drops it when the client would not understand it.
    func sendInformational(_ response: HeaderBlock) {}

    /// Sends 100 (Continue).
    func sendContinue() {}

    /// Sends a part of the body, which the framing has announced.
    func sendBody(_ bytes: ByteView, endOfStream: Bool) {}

    /// Ends the body; fields that the protocol cannot carry are dropped.
    func sendTrailers(_ trailers: HeaderBlock) {}

    /// What was sent waits for the client to read; ``Exchange/settle()`` follows when it has.
    var isWriteBlocked: Bool { false }

    /// The response waits for the client to read: limit its time.
    func expectReading() {}

    // MARK: The request

    /// Whether the request's body may be read on has changed.
    func requestFlowChanged() {}

    /// The protocols that `RequestFacts.upgradeIndex` counts.
    var upgradeTokens: [String] { self.connection.plan.upgrades }

    // MARK: Tunnels

    /// From here on bytes pass both ways, by ``sendTunnel(_:)`` and ``Exchange/tunnelUp(_:)``.
    func enterTunnel() {
        // The response is complete, as far as the limit goes.
        self.stopRequestTimer()
    }

    func sendTunnel(_ bytes: ByteView) {}

    /// Whether what the client sends through the tunnel may be read on.
    func setTunnelReading(_ isWanted: Bool) {}

    // MARK: The end

    /// The exchange is over and has been told so; decides what becomes of the client.
    func exchangeEnded(isAborted: Bool, isRequestReceived: Bool) {}

    // MARK: Time

    /// - Parameter nanoseconds: From now until ``Exchange/timedOut()``.
    final func startRequestTimer(_ nanoseconds: UInt64) {
        let timer = self.requestTimer ?? DeadlineTimer(owner: self)
        self.requestTimer = timer
        let loop = self.connection.loop
        loop.timers.set(timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    final func stopRequestTimer() {
        if let timer = self.requestTimer { self.connection.loop.timers.cancel(timer) }
    }

    /// The stream goes; the wheel must not find its timer.
    final func removeRequestTimer() {
        if let timer = self.requestTimer { self.connection.loop.timers.remove(timer) }
    }

    override func timerFired(_ timer: DeadlineTimer) { self.exchange?.timedOut() }
}
