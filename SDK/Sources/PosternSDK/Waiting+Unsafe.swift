internal import CPosternABI

/// A closure that waits in the host; the host releases it once.
private final class Waiting<Work>: @unchecked Sendable {
    // SAFETY: immutable; `work` runs on the stream's thread only, or is sendable (offload).
    let services: UnsafePointer<Services>
    let work: Work

    init(_ call: StreamCall, _ work: Work) {
        self.services = call.services
        self.work = work
    }

    /// On whose behalf: the stream's, with this object retained until the host releases it.
    func waiter(_ call: StreamCall) -> postern_waiter {
        postern_waiter(
            size: MemoryLayout<postern_waiter>.size, stream: call.stream, worker: nil,
            user_plug: Unmanaged.passRetained(self).toOpaque(),
            release: { if let user = $0 { Unmanaged<AnyObject>.fromOpaque(user).release() } }
        )
    }

    // SAFETY: `user` is what `waiter` retained, and the host calls back before it releases.
    static func from(_ user: UnsafeMutableRawPointer) -> Waiting<Work> {
        Unmanaged<Waiting<Work>>.fromOpaque(user).takeUnretainedValue()
    }
}

private typealias CalloutWork = (inout ResumedStream, Result<CalloutAnswer, CalloutFailure>) -> Void
private typealias TimerWork = (inout ResumedStream) -> Void

extension HTTPStream where Self: ~Copyable {
    /// Sends a request to a service; `done` is called on the request's own thread, after the present hook,
    /// unless the request is over by then.
    ///
    /// Typical use: return ``FilterAction/pause``, and in `done` resume the stream or answer it.
    ///
    /// - Throws: ``CalloutFailure/refused`` when it could not be sent; `done` is not called then.
    @discardableResult
    public borrowing func call(
        _ callout: Callout,
        _ done: @escaping (inout ResumedStream, Result<CalloutAnswer, CalloutFailure>) -> Void
    ) throws(CalloutFailure) -> Pending {
        let call = self._call
        let waiting = Waiting<CalloutWork>(call, done)
        var waiter = waiting.waiter(call)
        var pending: postern_pending = 0
        let status = callout.withABI { lent in
            call.services.pointee.callouts.pointee.call(
                &waiter, lent,
                { user, stream, _, result in
                    guard let user, let stream, let result else { return }
                    let waiting = Waiting<CalloutWork>.from(user)
                    var resumed = ResumedStream(StreamCall(waiting.services, stream))
                    waiting.work(&resumed, result.pointee.copied)
                }, &pending)
        }
        guard status == 0 else { throw .refused }
        return Pending(id: pending)
    }

    /// Calls `fire` once, at the earliest after `delay`, unless the request is over by then.
    @discardableResult
    public borrowing func setTimer(
        _ delay: Duration, _ fire: @escaping (inout ResumedStream) -> Void
    ) -> Pending {
        let call = self._call
        var waiter = Waiting<TimerWork>(call, fire).waiter(call)
        var pending: postern_pending = 0
        _ = call.services.pointee.waiting.pointee.set_timer(
            &waiter, delay.abiNanoseconds,
            { user, stream, _ in
                guard let user, let stream else { return }
                let waiting = Waiting<TimerWork>.from(user)
                var resumed = ResumedStream(StreamCall(waiting.services, stream))
                waiting.work(&resumed)
            }, &pending)
        return Pending(id: pending)
    }

    /// Forgets a callout or a timer; does nothing when it has happened.
    public borrowing func cancel(_ pending: Pending) {
        var waiter = self.waiter
        self._call.services.pointee.waiting.pointee.cancel(&waiter, pending.id)
    }

    /// Runs `work`, which may block, on a thread of a small pool; then `done` with what it gave on the
    /// request's own thread, unless the request is over by then.
    ///
    /// - Returns: false when too much waits already; neither is called then.
    public borrowing func offload<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value,
        then done: @escaping @Sendable (inout ResumedStream, Value) -> Void
    ) -> Bool {
        let call = self._call
        let job: any OffloadJob = Offload(work, done)
        var waiter = Waiting<any OffloadJob>(call, job).waiter(call)
        let status = call.services.pointee.waiting.pointee.offload(
            &waiter,
            { user in if let user { Waiting<any OffloadJob>.from(user).work.run() } },
            { user, stream, _ in
                guard let user, let stream else { return }
                let waiting = Waiting<any OffloadJob>.from(user)
                var resumed = ResumedStream(StreamCall(waiting.services, stream))
                waiting.work.finish(&resumed)
            })
        return status == 0
    }

    /// The monotonic clock as read when the present event began.
    public borrowing func now() -> Duration {
        var waiter = self.waiter
        return .nanoseconds(
            Int64(clamping: self._call.services.pointee.waiting.pointee.now_ns(&waiter)))
    }

    /// The time since 1970, as read when the present event began.
    public borrowing func timeSince1970() -> Duration {
        var waiter = self.waiter
        return .nanoseconds(
            self._call.services.pointee.waiting.pointee.wall_time_ns(&waiter))
    }

    private var waiter: postern_waiter {
        postern_waiter(
            size: MemoryLayout<postern_waiter>.size, stream: self._call.stream, worker: nil, user_plug: nil,
            release: nil)
    }
}

/// Blocking work and what follows it, without saying what passes between them.
private protocol OffloadJob: AnyObject, Sendable {
    func run()
    func finish(_ stream: inout ResumedStream)
}

private final class Offload<Value: Sendable>: OffloadJob, @unchecked Sendable {
    // SAFETY: `value` is written by the pool's thread before the host posts `finish`, which reads it.
    private let work: @Sendable () -> Value
    private let done: @Sendable (inout ResumedStream, Value) -> Void
    private var value: Value?

    init(
        _ work: @escaping @Sendable () -> Value,
        _ done: @escaping @Sendable (inout ResumedStream, Value) -> Void
    ) {
        self.work = work
        self.done = done
    }

    func run() { self.value = self.work() }
    func finish(_ stream: inout ResumedStream) { if let value = self.value { self.done(&stream, value) } }
}

extension Duration {
    /// Nanoseconds; 0 for a negative one.
    var abiNanoseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOverAll) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        if isOver || isOverAll { return seconds < 0 ? 0 : .max }
        return UInt64(clamping: sum)
    }
}

extension Callout {
    /// Lends the callout to the host.
    fileprivate func withABI<Answer>(_ body: (UnsafePointer<postern_callout>) -> Answer) -> Answer {
        var text: [UInt8] = []
        func append(_ part: some Collection<UInt8>) -> Range<Int> {
            let start = text.count
            text.append(contentsOf: part)
            return start..<text.count
        }
        let fields = self.headers.map { (append($0.name.utf8), append($0.value.utf8)) }
        let (method, path) = (append(self.method.utf8), append(self.path.utf8))
        let (authority, bytes) = (append(self.authority.utf8), append(self.body))
        return text.withUnsafeBufferPointer { text in
            // SAFETY: the host copies the callout before `call` returns; `text` lives until then.
            func lend(_ range: Range<Int>) -> postern_bytes {
                postern_bytes(ptr: text.baseAddress.map { $0 + range.lowerBound }, len: range.count)
            }
            let list = fields.map {
                postern_field(name: lend($0.0), value: lend($0.1), flags: 0, reserved: 0)
            }
            return list.withUnsafeBufferPointer { list in
                var callout = postern_callout(
                    size: MemoryLayout<postern_callout>.size, service: self.service.id, reserved: 0,
                    method: lend(method), path: lend(path), authority: lend(authority),
                    fields: list.baseAddress, field_count: list.count, body: lend(bytes),
                    timeout_ns: self.timeout.abiNanoseconds,
                    answer_limit_bytes: max(self.answerLimit, 1)
                )
                return body(&callout)
            }
        }
    }
}

extension postern_callout_result {
    fileprivate var copied: Result<CalloutAnswer, CalloutFailure> {
        if self.failure != 0 { return .failure(CalloutFailure(code: self.failure)) }
        // SAFETY: postern_async.h: the result's parts live until the callback returns.
        func copies(_ start: UnsafePointer<postern_field>?, _ count: Int) -> [(name: String, value: String)] {
            UnsafeBufferPointer(start: start, count: count).map { ($0.name.text, $0.value.text) }
        }
        return .success(
            CalloutAnswer(
                status: Int(self.status), headers: copies(self.fields, self.field_count),
                body: Array(UnsafeBufferPointer(start: self.body.ptr, count: self.body.len)),
                trailers: copies(self.trailers, self.trailer_count)))
    }
}
