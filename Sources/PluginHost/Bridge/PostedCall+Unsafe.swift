internal import CPosternABI

/// A plugin's work for a stream; calls the plugin's `release` when the last owner lets go, run or not.
final class PostedCall: @unchecked Sendable {
    // SAFETY: immutable; postern_stream.h lets `work` run on the stream's thread and `release` on any,
    // and plugins are never unloaded, so both stay callable.
    private let work: postern_stream_work?
    private let user: UnsafeMutableRawPointer?
    private let release: postern_release?
    /// What another owner releases.
    private let kept: UserCall?

    init(work: postern_stream_work?, user: UnsafeMutableRawPointer?, release: postern_release?) {
        self.work = work
        self.user = user
        self.release = release
        self.kept = nil
    }

    init(work: postern_stream_work?, keeping call: UserCall) {
        self.work = work
        self.user = call.user
        self.release = nil
        self.kept = call
    }

    deinit { self.release?(self.user) }

    /// On the stream's thread.
    func run(_ header: UnsafeMutablePointer<StreamHeader>) {
        header.pointee.hasResponded = false
        header.pointee.isInBody = false
        self.work?(self.user, opaque(header), UnsafeMutableRawPointer(header) + StreamHeader.bytes)
    }
}
