public import Filtering
public import Primitives

/// What an ``HTTP2Session`` tells its connection, and asks of it.
///
/// Subclass it. Every call but ``output()``, ``takeBuffer()`` and ``giveBack(_:)`` comes out of
/// ``HTTP2Session/receive(_:now:)`` or ``HTTP2Session/finishTurn()``; the handler may call the session back
/// from each, but for these two. Views live until the call returns.
open class HTTP2Handler {
    public init() {}

    // MARK: What the connection lends

    /// The buffer of bytes that leave for the peer, in which others may wait already; append only.
    ///
    /// Asked for before each write, and never kept.
    open func output() -> ByteBuffer { ByteBuffer(capacity: 16) }

    /// A buffer for bytes that must wait.
    open func takeBuffer() -> ByteBuffer { ByteBuffer(capacity: 4096) }

    /// Takes back what ``takeBuffer()`` gave.
    open func giveBack(_ buffer: ByteBuffer) {}

    /// Something is to be told, or sent, in a later ``HTTP2Session/finishTurn()``, which is to be called
    /// soon.
    open func turnWanted() {}

    // MARK: Messages

    /// A head begins, or trailers: where its fields shall go. The block is reset.
    ///
    /// For a request this is the first word of its stream. The block must live, and not be read, until the
    /// head was handed on, was refused, or the stream has ended.
    open func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock { HeaderBlock() }

    /// A request's head is in its block. With `endOfStream` nothing else comes.
    open func requestHead(_ stream: HTTP2Stream, _ facts: RequestFacts, endOfStream: Bool) {}

    /// A response's head is in its block; further ones follow one that is informational.
    open func responseHead(_ stream: HTTP2Stream, _ facts: ResponseFacts, endOfStream: Bool) {}

    /// A head that is well-formed, but past a limit or not to be served.
    ///
    /// A server may answer with `error.status`; the session resets the stream when it does not. A malformed
    /// head comes to ``streamEnded(_:_:)`` alone.
    open func headRefused(_ stream: HTTP2Stream, _ error: HTTPError, endOfStream: Bool) {}

    /// Bytes of a body, all of which the handler takes; pause the stream to get no more.
    ///
    /// With `endOfStream` there may be none.
    open func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {}

    /// Trailers are in the block that was asked for; the message has ended.
    open func trailers(_ stream: HTTP2Stream) {}

    /// All that waited on a stream for which ``HTTP2Stream/isWriteBlocked`` was true has been written.
    open func outputDrained(_ stream: HTTP2Stream) {}

    /// The last word about a stream; not said when the handler reset it itself.
    open func streamEnded(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd) {}

    // MARK: The connection

    /// The peer's first SETTINGS, or new ones, are in force.
    open func settingsChanged() {}

    /// The peer takes no new streams; those above `lastStream` have ended.
    open func goAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {}

    /// The peer answered ``HTTP2Session/ping(_:)``.
    open func pingAcknowledged(_ data: UInt64) {}

    /// The connection is dead for its protocol: GOAWAY is in the output, every stream has ended. Send that,
    /// and close.
    open func failed(_ failure: HTTP2Failure) {}
}
