public import Filtering
public import HTTPCodec
public import Primitives
public import Reactor

/// One request at a service and its response, whatever protocol carries it. A class and not a protocol: no
/// existential on the way.
///
/// A pool gives it out (``ServicePool/acquire(_:excluding:random:)``); what the service says goes to the
/// ``UpstreamSink``. It is not to be touched after the call that ends it: `endOfStream`, `failed`, or
/// ``abandon()``.
open class UpstreamStream: EventHandler {
    /// What must be known of a request to read its response.
    public struct Request {
        public var isHead: Bool
        public var isConnect: Bool
        public var asksUpgrade: Bool
        /// To which protocol, as `RequestFacts.upgradeIndex` counts them.
        public var upgradeIndex: Int

        public init(
            isHead: Bool, isConnect: Bool = false, asksUpgrade: Bool = false, upgradeIndex: Int = 0
        ) {
            self.isHead = isHead
            self.isConnect = isConnect
            self.asksUpgrade = asksUpgrade
            self.upgradeIndex = upgradeIndex
        }
    }

    // SAFETY: the connection owns its streams, and ends them before it goes; one that is kept to be used
    // again is told its next connection first of all.
    final unowned(unsafe) var connection: UpstreamConnection
    /// Who takes the response, while one is due.
    // SAFETY: a sink lives as long as its worker, and is let go of with the request.
    final unowned(unsafe) var sink: UpstreamSink?
    /// Counted by the balancer as a request in flight.
    final var isAssigned = false

    init(_ connection: UpstreamConnection) { self.connection = connection }

    /// The endpoint's address as configured; lives as long as the connection.
    public final var address: ByteView { self.connection.endpoint.nameView }
    /// The endpoint's number among the service's, for ``TriedEndpoints``.
    public final var slot: Int { self.connection.endpoint.slot }

    // MARK: The request

    /// A request is about to be sent; once, before anything else.
    open func begin(_ request: Request) {}

    /// The request asks to switch to one of `tokens`, which its `upgradeIndex` counts; after ``begin(_:)``.
    open func expectUpgrade(among tokens: [String]) {}

    /// Sends the head. With an empty `framing` the request is complete.
    open func sendHead(_ head: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions) {}

    /// Sends a part of the body, which the framing has announced.
    open func sendBody(_ bytes: ByteView, endOfStream: Bool) {}

    /// Ends the body; fields that the protocol cannot carry are dropped.
    open func sendTrailers(_ trailers: HeaderBlock) {}

    /// Sends what was left of a request that another connection could not take: see
    /// ``UpstreamSink/failed(_:unsent:)``.
    ///
    /// - Parameters:
    ///   - framing: As its head has announced the body.
    ///   - isComplete: It is the whole rest of the request.
    open func sendUnsent(_ unsent: ByteBuffer, framing: BodyFraming, isComplete: Bool) {}

    /// Gives up the request; the service is told where the protocol can.
    open func abandon() {}

    // MARK: Tunnels

    open func sendTunnel(_ bytes: ByteView) {}
    /// Our side of the tunnel has ended.
    open func endTunnel() {}

    // MARK: Backpressure

    /// What was sent waits; ``UpstreamSink/drained()`` follows.
    open var isWriteBlocked: Bool { false }
    /// Whether more of a body should be offered now.
    open var takesBody: Bool { true }
    /// Stops the response; what has arrived may still be shown.
    open func pauseReading() {}
    open func resumeReading() {}
}
