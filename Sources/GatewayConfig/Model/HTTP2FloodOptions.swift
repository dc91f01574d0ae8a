public import Primitives

/// How much that is of no use a peer may send on one HTTP/2 connection before that is ended.
///
/// Useful frames and time fill each budget up again.
public struct HTTP2FloodOptions: Sendable, Hashable {
    /// PING, SETTINGS, PRIORITY, WINDOW_UPDATE and unknown frames, and frames without bytes.
    ///
    /// Default 1000; 10...1000000. Key `controlFrames`.
    public var controlFrames: Int
    /// Streams that are reset before they were of use.
    ///
    /// Default 200; 1...1000000. Key `resets`.
    public var resets: Int
    /// CONTINUATION frames of one head.
    ///
    /// Default 64; 1...65535. Key `continuations`.
    public var continuations: Int
    /// Replies that wait for a peer that does not read them.
    ///
    /// Default 64 KiB; 1KiB...16MiB. Key `unreadReplies`.
    public var unreadReplies: ByteCount

    public init(
        controlFrames: Int = 1000, resets: Int = 200, continuations: Int = 64,
        unreadReplies: ByteCount = .kibibytes(64)
    ) {
        self.controlFrames = controlFrames
        self.resets = resets
        self.continuations = continuations
        self.unreadReplies = unreadReplies
    }
}
