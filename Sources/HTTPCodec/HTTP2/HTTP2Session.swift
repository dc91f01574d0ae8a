internal import Filtering
public import Primitives

/// One HTTP/2 connection, either side: bytes in, calls of an ``HTTP2Handler`` and bytes out (RFC 9113).
///
/// Knows no socket and no clock. Not for several threads.
///
///     receive(_:now:) ──► handler: heads, bodies, ends
///     sendResponse, sendBody, … ──► handler.output(): frames, at once while windows allow
///     finishTurn() ──► what waited goes on; drained, resumed and ended streams are told
///
/// Call ``finishTurn()`` at the end of every turn in which anything was called: before the output is written,
/// and again when the socket has taken some of it.
public final class HTTP2Session {
    public let side: HTTP2Side
    public let settings: HTTP2Settings
    // SAFETY: the connection owns session and handler, and lets both go together.
    unowned(unsafe) let handler: HTTP2Handler
    /// What ended the connection; nothing is read or sent any more.
    public internal(set) var failure: HTTP2Failure?
    var isFailureUntold = false

    // Streams.
    var streams = HTTP2StreamTable()
    var closed = HTTP2ClosedStreams()
    /// The highest stream that the peer opened.
    public internal(set) var lastPeerStream: UInt32 = 0
    /// The number of the stream that we open next.
    var nextStream: UInt32 = 1
    /// No stream above this is taken from the peer any more; set by our GOAWAY.
    var lastAcceptedStream = UInt32(Int32.max)
    /// The peer's GOAWAY: none of our streams above this is looked at.
    var lastAcceptedByPeer: UInt32?
    var ended: [HTTP2Stream] = []
    var resumed: [HTTP2Stream] = []
    let store: HTTP2StreamStore

    // What the peer told.
    /// The peer's SETTINGS have come.
    public internal(set) var hasPeerSettings = false
    /// The peer has acknowledged ours.
    public internal(set) var areSettingsAcknowledged = false
    /// Streams that we may have open; before the peer's SETTINGS come, what RFC 9113 recommends at least.
    public internal(set) var peerMaxStreams = 100
    /// The peer takes extended CONNECT (RFC 8441).
    public internal(set) var peerAllowsExtendedConnect = false
    var peerInitialWindow = 65_535
    var peerMaxFrameSize = HTTP2Settings.maxFrameSize

    // Windows of the connection.
    var sendWindow = 65_535
    var receiveWindow = 65_535
    var uncredited = 0
    /// What we told the peer; before it has acknowledged that, it may act on the RFC's default.
    var localInitialWindow: Int

    // Reading.
    var isPrefaceDue: Bool
    var areSettingsDue = true
    var dataStream: HTTP2Stream?
    var dataBytes = 0
    var dataPadding = 0
    var isDataLast = false
    var isInData = false
    var header = HTTP2HeaderBlockState()
    var reader: HTTP2HeadReader
    var decoder = HPACKDecoder()
    /// The beginning of a field of a head, whose rest comes with CONTINUATION.
    var fragment: ByteBuffer?
    var flood: HTTP2FloodGuard

    // Writing.
    var encoder = HPACKEncoder()
    // SAFETY: the ends of the queue are open streams, which the table keeps.
    unowned(unsafe) var queueHead: HTTP2Stream?
    unowned(unsafe) var queueTail: HTTP2Stream?
    var isFinishing = false
    /// The peer leaves more unread than it may; see ``holdsInput``.
    var isOutputFull = false

    /// - Parameters:
    ///   - store: The thread's.
    ///   - handler: Not kept alive; it must outlive the session's last call.
    public init(
        side: HTTP2Side, settings: HTTP2Settings = HTTP2Settings(),
        store: HTTP2StreamStore = HTTP2StreamStore(), handler: HTTP2Handler
    ) {
        self.side = side
        self.settings = settings
        self.store = store
        self.handler = handler
        self.isPrefaceDue = side == .server
        self.localInitialWindow = max(settings.streamWindow, 65_535)
        self.reader = HTTP2HeadReader(limits: settings.head)
        self.flood = HTTP2FloodGuard(limits: settings.flood)
    }

    /// Streams that are open.
    public var openStreams: Int { self.streams.count }

    /// Whether a client may open a stream now.
    public var canOpenStream: Bool {
        self.failure == nil && self.lastAcceptedByPeer == nil && self.streams.count < self.peerMaxStreams
            && self.nextStream <= UInt32(Int32.max)
    }

    /// Whether nothing is left to do: GOAWAY was sent or received, and no stream is open.
    public var isDrained: Bool {
        (self.lastAcceptedStream != UInt32(Int32.max) || self.lastAcceptedByPeer != nil)
            && self.streams.count == 0
    }

    /// The beginning of a head has come, and nothing else can come before its end.
    public var isHeadOpen: Bool { self.header.isOpen }

    /// Whether nothing is taken from a client, because it leaves too much unread of what its frames have been
    /// answered with: pause reading, and tell of each piece that the socket takes by ``outputTaken()``.
    ///
    /// A head that has begun is still taken to its end, since it adds nothing before.
    public var holdsInput: Bool { self.isOutputFull && !self.header.isOpen && self.failure == nil }

    /// The socket has taken some of the output: there may be room for answers again.
    public func outputTaken() {
        if self.isOutputFull { self.isOutputFull = self.handler.output().count > self.settings.unsentLimit }
    }

    /// To be called when frames were added to the output that wait for no window.
    @inline(__always)
    func noteOutput(_ output: ByteBuffer) {
        if output.count > self.settings.unsentLimit, self.side == .server { self.isOutputFull = true }
    }

    /// Sends the preface and SETTINGS. Call it once, first.
    public func start() {
        let output = self.handler.output()
        if self.side == .client { output.append(Self.preface) }
        self.writeSettings(to: output)
        let more = self.settings.connectionWindow - 65_535
        if more > 0 {
            self.writeWindowUpdate(stream: 0, more, to: output)
            self.receiveWindow += more
        }
    }

    static var preface: StaticString { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" }

    // MARK: Reading

    /// Takes bytes from the peer.
    ///
    /// - Parameter bytes: All that was not taken before, and what came since.
    /// - Returns: How many were taken: whole frames, and of DATA any part; none while ``holdsInput``. After a
    ///   failure all.
    /// - Complexity: O(bytes taken).
    public func receive(_ bytes: ByteView, now: MonotonicTime) -> Int {
        self.flood.timePassed(until: now)
        self.outputTaken()
        var at = 0
        while self.failure == nil, !self.holdsInput {
            let taken = self.isInData ? self.takeData(bytes, at: at) : self.takeFrame(bytes, at: at)
            if taken == 0 { break }
            at += taken
            // At once, so that what is told does not depend on how the bytes came.
            if !self.ended.isEmpty { self.tellEnded() }
        }
        self.finishTurn()
        return self.failure == nil ? at : bytes.count
    }

    /// - Returns: The bytes of one frame, or of DATA's beginning; 0 when they are not all there.
    private func takeFrame(_ bytes: ByteView, at start: Int) -> Int {
        let available = bytes.count &- start
        if self.isPrefaceDue { return self.takePreface(bytes.dropFirst(start)) }
        guard available >= HTTP2FrameHeader.size else { return 0 }
        let frame = HTTP2FrameHeader(bytes, at: start)
        if self.areSettingsDue || self.header.isOpen {
            guard self.isExpected(frame) else { return 0 }
        }
        guard frame.length <= HTTP2Settings.maxFrameSize else {
            self.fail(.frameSizeError, "http2.frame_too_large")
            return 0
        }
        if frame.kind == HTTP2FrameKind.data {
            let head = HTTP2FrameHeader.size &+ (frame.flags.contains(.padded) && frame.length > 0 ? 1 : 0)
            guard available >= head else { return 0 }
            self.beginData(frame, padding: head > HTTP2FrameHeader.size ? bytes[start &+ head &- 1] : 0)
            return head
        }
        let end = HTTP2FrameHeader.size &+ frame.length
        guard available >= end else { return 0 }
        let payload = bytes.slice(from: start &+ HTTP2FrameHeader.size, to: start &+ end)
        switch frame.kind {
        case HTTP2FrameKind.headers: self.takeHeaders(frame, payload)
        case HTTP2FrameKind.continuation: self.takeContinuation(frame, payload)
        case HTTP2FrameKind.windowUpdate: self.takeWindowUpdate(frame, payload)
        case HTTP2FrameKind.reset: self.takeReset(frame, payload)
        case HTTP2FrameKind.settings: self.takeSettings(frame, payload)
        case HTTP2FrameKind.ping: self.takePing(frame, payload)
        case HTTP2FrameKind.goAway: self.takeGoAway(frame, payload)
        case HTTP2FrameKind.priority: self.takePriority(frame, payload)
        case HTTP2FrameKind.pushPromise: self.fail(.protocolError, "http2.push_promise")
        default: self.spendControl()
        }
        return end
    }

    /// The first frame is SETTINGS (RFC 9113, 3.4), and nothing comes between the frames of a head (6.10).
    private func isExpected(_ frame: HTTP2FrameHeader) -> Bool {
        if self.header.isOpen {
            if frame.kind == HTTP2FrameKind.continuation, frame.stream == self.header.stream { return true }
            self.fail(.protocolError, "http2.head_interrupted")
            return false
        }
        if frame.kind == HTTP2FrameKind.settings, !frame.flags.contains(.ack) {
            self.areSettingsDue = false
            return true
        }
        self.fail(.protocolError, "http2.settings_missing")
        return false
    }

    private func takePreface(_ bytes: ByteView) -> Int {
        let preface = ByteView(Self.preface)
        let count = min(bytes.count, preface.count)
        guard bytes[0..<count] == preface[0..<count] else {
            self.fail(.protocolError, "http2.bad_preface")
            return 0
        }
        if count < preface.count { return 0 }
        self.isPrefaceDue = false
        return count
    }

    // MARK: Streams

    func makeStream(id: UInt32) -> HTTP2Stream {
        let stream = self.store.take()
        stream.begin(
            id: id, sendWindow: self.peerInitialWindow, receiveWindow: self.localInitialWindow)
        self.streams.insert(stream)
        self.flood.streamOpened()
        return stream
    }
}

/// Where the decoding of a head stands.
struct HTTP2HeaderBlockState {
    /// CONTINUATION must follow.
    var isOpen = false
    var stream: UInt32 = 0
    var isLast = false
    /// Bytes and further frames of the block so far.
    var length = 0
    var continuations = 0
    /// The stream that it belongs to; nil when it is only decoded, for the sake of the table.
    var target: HTTP2Stream?
    var block: HeaderBlock?
}
