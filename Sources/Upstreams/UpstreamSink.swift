public import Filtering
public import HTTPCodec
public import Primitives
public import Reactor

/// Who sent a request to a service and takes the response. A class and not a protocol: no existential on the
/// way.
///
/// Every call comes from the worker's loop. After ``failed(_:unsent:)`` and after the call that says
/// `endOfStream` the stream has let go of the sink.
open class UpstreamSink {
    /// Where the response's head and trailers are put.
    public final let response: HeaderBlock
    public final let trailers: HeaderBlock

    /// Whether it wants a connection of its own whose bytes pass as they are: the streams it gets are
    /// ``TCPUpstreamStream``s.
    public final let carriesBytes: Bool

    public init(response: HeaderBlock, trailers: HeaderBlock, carriesBytes: Bool = false) {
        self.carriesBytes = carriesBytes
        self.response = response
        self.trailers = trailers
    }

    /// There is room for the request, for which ``ServicePool/acquire(_:excluding:random:)`` said to wait:
    /// send it.
    open func available(_ stream: UpstreamStream) {}

    /// An informational response (1xx but 101) is in `response`.
    open func informational() {}

    /// The response's head is in `response`.
    open func head(_ facts: ResponseFacts, endOfStream: Bool) {}

    /// Bytes of the body, valid until this returns.
    open func body(_ bytes: ByteView, endOfStream: Bool) {}

    /// The body is over and `trailers` has fields.
    open func trailersEnded() {}

    /// Bytes of a tunnel (after 101, or 200 to CONNECT), and its end.
    open func tunnel(_ bytes: ByteView) {}
    open func tunnelEnded() {}

    /// What had to wait has been written: the request's body may go on.
    open func drained() {}

    /// For ``TCPUpstreamStream``s: a part of what waits has been written; nothing more can be, and what the
    /// service still says comes as before.
    open func progressed() {}
    /// For ``TCPUpstreamStream``s: where all that the service sends goes as it is, and how much has gone
    /// there.
    open var spliceTarget: SocketStream? { nil }
    open func spliced(_ bytes: Int) {}
    open func writingFailed() {}

    /// There is no response, or no more of it.
    ///
    /// - Parameter unsent: What was to be sent, when the connect failed; it may go to another connection as
    ///   it is.
    open func failed(_ error: UpstreamError, unsent: ByteBuffer?) {}
}
