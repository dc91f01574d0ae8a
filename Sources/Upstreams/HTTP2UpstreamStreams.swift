internal import HTTPCodec
internal import Reactor

/// Streams of a service to be used again, by whichever connection has the next request.
final class HTTP2UpstreamStreams {
    /// More are let go of.
    private static let limit = 1024
    /// The codec's half of them.
    let store = HTTP2StreamStore()
    private let loop: EventLoop
    private var spare: ContiguousArray<HTTP2UpstreamStream> = []

    init(_ loop: EventLoop) { self.loop = loop }

    deinit {
        // The wheel may still hold timers that were cancelled.
        for stream in self.spare { stream.removeTimer(self.loop) }
    }

    func take(for http2: HTTP2UpstreamConnection) -> HTTP2UpstreamStream {
        guard let stream = self.spare.popLast() else { return HTTP2UpstreamStream(http2) }
        stream.join(http2)
        return stream
    }

    /// Its timer is cancelled, and whoever gives it back may still be on the stack.
    func giveBack(_ stream: HTTP2UpstreamStream) {
        if self.spare.count < Self.limit { return self.spare.append(stream) }
        stream.removeTimer(self.loop)
        self.loop.retire(stream)
    }
}
