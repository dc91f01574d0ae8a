internal import CPosternABI

/// Names one request for asynchronous work; may be kept, copied and used from any thread.
public struct StreamHandle: Sendable, Hashable {
    /// Never used again while the process lives.
    public let id: UInt64
    // SAFETY: never freed (PluginEntry), immutable.
    nonisolated(unsafe) let services: UnsafePointer<Services>

    /// Runs `work` on the request's own thread, soon; drops it when the request is over.
    ///
    /// Typical use: a hook keeps ``HTTPStream/handle()``, returns ``FilterAction/pause``, and another thread
    /// posts what resumes the stream.
    public func post(_ work: @escaping @Sendable (inout ResumedStream) -> Void) {
        let box = Unmanaged.passRetained(PostedWork(self.services, work)).toOpaque()
        self.services.pointee.anyStream.pointee.post(
            self.id,
            { user, stream, _ in
                guard let user, let stream else { return }
                // SAFETY: `user` is the box retained above; the host calls `release` once, after this.
                let box = Unmanaged<PostedWork>.fromOpaque(user).takeUnretainedValue()
                var resumed = ResumedStream(StreamCall(box.services, stream))
                box.work(&resumed)
            },
            box,
            { user in
                if let user { Unmanaged<PostedWork>.fromOpaque(user).release() }
            }
        )
    }
}

/// A request during work that was posted to it.
public struct ResumedStream: FieldSection, RespondingStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall
    /// For the SDK: the request's fields.
    @inlinable public var _section: UInt32 { 0 }

    init(_ call: StreamCall) { self._call = call }

    /// Goes on after ``FilterAction/pause`` of this filter; does nothing when it is not paused.
    public mutating func resume(_ direction: StreamDirection) {
        self._call.services.pointee.stream.pointee.resume(self._call.stream, direction.rawValue)
    }
}

private final class PostedWork: @unchecked Sendable {
    // SAFETY: both are immutable; `services` is never freed.
    let services: UnsafePointer<Services>
    let work: @Sendable (inout ResumedStream) -> Void

    init(_ services: UnsafePointer<Services>, _ work: @escaping @Sendable (inout ResumedStream) -> Void) {
        self.services = services
        self.work = work
    }
}
