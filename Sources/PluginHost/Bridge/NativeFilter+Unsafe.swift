internal import CPosternABI
public import Filtering
internal import Primitives

/// A plugin's filter at one place of a chain in one worker: turns hooks into calls of C functions.
public final class NativeFilter: Filter {
    // SAFETY: `hooks` is a copy of a table of an image that is never unloaded; `config` lives as long as
    // `place`, `worker` until deinit. A stream's header is written in `open`, before any hook.
    private let place: NativePlace
    private let hooks: postern_http_filter
    private let config: UnsafeMutableRawPointer?
    private let worker: UnsafeMutableRawPointer?

    init(_ place: NativePlace, _ hooks: postern_http_filter) {
        self.place = place
        self.hooks = hooks
        self.config = place.config
        self.worker = place.worker
        super.init(
            phases: self.hooks.phases,
            stateSize: StreamHeader.bytes + (self.hooks.stream_state_bytes + 15) / 16 * 16
        )
    }

    deinit {
        self.hooks.worker_destroy?(self.config, self.worker)
        self.place.end()
    }

    public override func open(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = self.place.open(stream, slot)
        self.hooks.stream_open?(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }

    public override func close(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = slot.state.assumingMemoryBound(to: StreamHeader.self)
        self.hooks.stream_close?(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
        self.place.close(header)
    }

    /// What the hook's answer means; one that does not fit what it did is a failure.
    @inline(__always)
    private func leave(
        _ header: UnsafeMutablePointer<StreamHeader>, _ action: postern_http_action, mayBuffer: Bool = false
    ) -> FilterAction {
        header.pointee.isInBody = false
        if header.pointee.hasResponded { return .responded }
        switch action {
        case 0: return .continue
        case 1: return .pause
        case 2 where mayBuffer: return .buffer
        default: return .failed
        }
    }

    public override func requestHead(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.request_head else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: false)
        let state = slot.state + StreamHeader.bytes
        let action = hook(
            self.config, self.worker, opaque(header), state, endOfStream ? POSTERN_END_OF_STREAM : 0)
        return self.leave(header, action, mayBuffer: true)
    }

    public override func requestBody(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.request_body else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: true)
        let state = slot.state + StreamHeader.bytes
        return self.leave(
            header,
            hook(self.config, self.worker, opaque(header), state, endOfStream ? POSTERN_END_OF_STREAM : 0))
    }

    public override func requestTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        guard let hook = self.hooks.request_trailers else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: false)
        return self.leave(
            header, hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes))
    }

    public override func responseHead(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.response_head else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: false)
        let state = slot.state + StreamHeader.bytes
        let action = hook(
            self.config, self.worker, opaque(header), state, endOfStream ? POSTERN_END_OF_STREAM : 0)
        return self.leave(header, action, mayBuffer: true)
    }

    public override func responseBody(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.response_body else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: true)
        let state = slot.state + StreamHeader.bytes
        return self.leave(
            header,
            hook(self.config, self.worker, opaque(header), state, endOfStream ? POSTERN_END_OF_STREAM : 0))
    }

    public override func responseTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        guard let hook = self.hooks.response_trailers else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: false)
        return self.leave(
            header, hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes))
    }

    public override func complete(_ stream: FilterStream, _ slot: FilterSlot) {
        guard let hook = self.hooks.complete else { return }
        let header = StreamHeader.enter(slot, isInBody: false)
        hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }
}

extension postern_http_filter {
    /// The hooks that are not null.
    var phases: FilterPhases {
        var phases: FilterPhases = []
        if self.request_head != nil { phases.insert(FilterPhases(.requestHead)) }
        if self.request_body != nil { phases.insert(FilterPhases(.requestBody)) }
        if self.request_trailers != nil { phases.insert(FilterPhases(.requestTrailers)) }
        if self.response_head != nil { phases.insert(FilterPhases(.responseHead)) }
        if self.response_body != nil { phases.insert(FilterPhases(.responseBody)) }
        if self.response_trailers != nil { phases.insert(FilterPhases(.responseTrailers)) }
        if self.complete != nil { phases.insert(FilterPhases(.complete)) }
        return phases
    }
}
