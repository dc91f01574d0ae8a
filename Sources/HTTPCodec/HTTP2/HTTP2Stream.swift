internal import Filtering
internal import Primitives

/// One stream of an ``HTTP2Session``: a request and its response.
///
///     idle ──head──► open ──we end──► half-closed (local) ──┐
///                     '────they end──► half-closed (remote) ─┴─► over: `streamEnded`, used again
///                     '── reset by either ──────────────────────► over
///
/// Made and kept by its session. Who holds on to one past ``HTTP2Handler/streamEnded(_:_:)`` only keeps it
/// from being used again; every call for it does nothing then.
public final class HTTP2Stream {
    public internal(set) var id: UInt32 = 0
    /// Whatever belongs to the stream's user, who keeps it alive; the session only hands it back.
    // SAFETY: not counted, so that a frame costs no atomic; the user sets it to nil, or has had
    // `streamEnded`, before the object goes.
    public unowned(unsafe) var owner: AnyObject?
    /// Neither side can send any more.
    public internal(set) var isOver = false
    /// The peer has ended its side, and all that it sent was handed on.
    public var isInputEnded: Bool { self.isRemoteEnded && self.heldInput == nil && !self.isEndHeld }
    /// We have ended our side; its last bytes may still wait.
    public internal(set) var isLocalEnded = false
    /// ``HTTP2Session/pause(_:)`` was called last.
    public internal(set) var isPaused = false
    /// Bytes wait for a window or for the socket; ``HTTP2Handler/outputDrained(_:)`` will be called.
    public var isWriteBlocked: Bool { self.unsent != nil }
    /// Bytes that wait.
    public var unsentBytes: Int { self.unsent?.count ?? 0 }

    // What the peer sends.
    var isRemoteEnded = false
    /// The request's head, or the final response's, has come.
    var hasHead = false
    /// Bytes of the body that must still come; -1: any number.
    var missingBytes = -1
    /// What the peer may still send.
    var receiveWindow = 0
    /// What was taken, and not told to the peer yet.
    var uncredited = 0
    /// Bytes that came while paused.
    var heldInput: ByteBuffer?
    /// The end, or the trailers, came while paused.
    var isEndHeld = false
    var hasTrailers = false
    /// In the list of streams whose held input is to be handed on.
    var isResumed = false

    // What we send.
    /// The response's final head, or the request's, was sent.
    var isHeadSent = false
    /// What we may still send; below 0 after the peer made its windows smaller.
    var sendWindow = 0
    /// Bytes of the body that wait.
    var unsent: ByteBuffer?
    /// What follows the last of `unsent`; trailers are encoded already.
    var unsentTrailers: ByteBuffer?
    var isEndUnsent = false
    /// In the queue of streams that can send when there is room.
    var isQueued = false
    /// END_STREAM was sent.
    var isEndSent = false
    // SAFETY: members of the queue are open streams, which their session's table keeps.
    unowned(unsafe) var next: HTTP2Stream?
    unowned(unsafe) var previous: HTTP2Stream?

    // What the response's meaning depends on.
    var isHead = false
    var isConnect = false
    var upgradeIndex = -1

    /// What the peer did wrong, for the log; nil when nothing. docs/reference/http2.md lists all.
    public internal(set) var fault: StaticString?

    /// Why it is over; nil when its user ended it and knows.
    var ending: HTTP2StreamEnd?

    init() {}

    func begin(id: UInt32, sendWindow: Int, receiveWindow: Int) {
        self.id = id
        self.owner = nil
        self.isOver = false
        self.isLocalEnded = false
        self.isPaused = false
        self.isRemoteEnded = false
        self.hasHead = false
        self.missingBytes = -1
        self.receiveWindow = receiveWindow
        self.uncredited = 0
        self.isEndHeld = false
        self.hasTrailers = false
        self.isHeadSent = false
        self.sendWindow = sendWindow
        self.isEndUnsent = false
        self.isEndSent = false
        self.isHead = false
        self.isConnect = false
        self.upgradeIndex = -1
        self.ending = nil
        self.fault = nil
    }
}
