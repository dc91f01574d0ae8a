internal import Primitives

/// A request that waits in its ``ServicePool``: for a certain connection, whose protocol is not known yet, or
/// for any.
struct WaitingRequest {
    let sink: UpstreamSink
    var deadline: MonotonicTime
    /// The endpoints at which it was in vain.
    var tried: TriedEndpoints
    // SAFETY: a connection takes itself out before it goes.
    unowned(unsafe) var connection: UpstreamConnection?
    /// The endpoint whose connection it has waited for, which is ready now.
    var slot: Int?
    /// No other endpoint will do.
    var isStrict = false
    /// Why the last connection that it waited for was in vain.
    var failure: UpstreamError?

    init(
        _ sink: UpstreamSink, until deadline: MonotonicTime, tried: TriedEndpoints,
        for connection: UpstreamConnection?
    ) {
        self.sink = sink
        self.deadline = deadline
        self.tried = tried
        self.connection = connection
    }
}
