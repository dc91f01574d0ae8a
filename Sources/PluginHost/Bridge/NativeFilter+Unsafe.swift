internal import CPosternABI
public import Filtering
internal import Primitives

/// A plugin's filter at one place of a chain in one worker: turns hooks into calls of C functions.
public final class NativeFilter: Filter {
    // SAFETY: `hooks` is a copy of a table of an image that is never unloaded; `config` and `context` live as
    // long as `blueprint`; `worker` until deinit. A stream's header is written in `open`, before any hook.
    private let blueprint: PluginBlueprint
    private let context: Unmanaged<ConfigContext>
    private let hooks: postern_http_filter
    private let config: UnsafeMutableRawPointer?
    private let worker: UnsafeMutableRawPointer?
    private let digits = ByteBuffer(capacity: 32)
    private let workerContext: WorkerContext
    /// What a call has lent to the plugin, until the next.
    private var lent = ByteBuffer(capacity: 16)

    init(_ blueprint: PluginBlueprint, _ context: WorkerContext, worker: UnsafeMutableRawPointer?) {
        self.blueprint = blueprint
        self.workerContext = context
        self.context = Unmanaged.passUnretained(blueprint.context)
        self.hooks = blueprint.image.hooks
        self.config = blueprint.config
        self.worker = worker
        super.init(
            phases: Self.phases(self.hooks),
            stateSize: StreamHeader.bytes + (self.hooks.stream_state_bytes + 15) / 16 * 16
        )
    }

    deinit {
        self.hooks.worker_destroy?(self.config, self.worker)
        self.workerContext.end()
    }

    /// For calls that are no request's innermost path.
    var configContext: ConfigContext { self.blueprint.context }

    private static func phases(_ hooks: postern_http_filter) -> FilterPhases {
        var phases: FilterPhases = []
        if hooks.request_head != nil { phases.insert(FilterPhases(.requestHead)) }
        if hooks.request_body != nil { phases.insert(FilterPhases(.requestBody)) }
        if hooks.request_trailers != nil { phases.insert(FilterPhases(.requestTrailers)) }
        if hooks.response_head != nil { phases.insert(FilterPhases(.responseHead)) }
        if hooks.response_body != nil { phases.insert(FilterPhases(.responseBody)) }
        if hooks.response_trailers != nil { phases.insert(FilterPhases(.responseTrailers)) }
        if hooks.complete != nil { phases.insert(FilterPhases(.complete)) }
        return phases
    }

    public override func open(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = slot.state.bindMemory(to: StreamHeader.self, capacity: 1)
        header.initialize(
            to: StreamHeader(
                stream: Unmanaged.passUnretained(stream), filter: Unmanaged.passUnretained(self),
                mark: StreamHeader.alive, slot: Int32(slot.index), id: 0, hasResponded: false, isInBody: false
            )
        )
        self.hooks.stream_open?(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }

    public override func close(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = slot.state.assumingMemoryBound(to: StreamHeader.self)
        self.hooks.stream_close?(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
        if header.pointee.id != 0 { StreamDirectory.shared.unregister(header.pointee.id) }
        header.pointee.mark = StreamHeader.closed
    }

    /// Prepares the header for a hook.
    @inline(__always)
    private func enter(_ slot: FilterSlot, isInBody: Bool) -> UnsafeMutablePointer<StreamHeader> {
        let header = slot.state.assumingMemoryBound(to: StreamHeader.self)
        header.pointee.hasResponded = false
        header.pointee.isInBody = isInBody
        return header
    }

    /// What the hook's answer means; one that does not fit what it did is a failure.
    @inline(__always)
    private func leave(
        _ header: UnsafeMutablePointer<StreamHeader>, _ action: postern_action, mayBuffer: Bool = false
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
        let header = self.enter(slot, isInBody: false)
        let state = slot.state + StreamHeader.bytes
        let action = hook(self.config, self.worker, opaque(header), state, endOfStream ? 1 : 0)
        return self.leave(header, action, mayBuffer: true)
    }

    public override func requestBody(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.request_body else { return .continue }
        let header = self.enter(slot, isInBody: true)
        let state = slot.state + StreamHeader.bytes
        return self.leave(header, hook(self.config, self.worker, opaque(header), state, endOfStream ? 1 : 0))
    }

    public override func requestTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        guard let hook = self.hooks.request_trailers else { return .continue }
        let header = self.enter(slot, isInBody: false)
        return self.leave(
            header, hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes))
    }

    public override func responseHead(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.response_head else { return .continue }
        let header = self.enter(slot, isInBody: false)
        let state = slot.state + StreamHeader.bytes
        let action = hook(self.config, self.worker, opaque(header), state, endOfStream ? 1 : 0)
        return self.leave(header, action, mayBuffer: true)
    }

    public override func responseBody(
        _ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool
    ) -> FilterAction {
        guard let hook = self.hooks.response_body else { return .continue }
        let header = self.enter(slot, isInBody: true)
        let state = slot.state + StreamHeader.bytes
        return self.leave(header, hook(self.config, self.worker, opaque(header), state, endOfStream ? 1 : 0))
    }

    public override func responseTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction {
        guard let hook = self.hooks.response_trailers else { return .continue }
        let header = self.enter(slot, isInBody: false)
        return self.leave(
            header, hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes))
    }

    public override func complete(_ stream: FilterStream, _ slot: FilterSlot) {
        guard let hook = self.hooks.complete else { return }
        let header = self.enter(slot, isInBody: false)
        hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }
}

// What the plugin's calls need of its filter.
extension NativeFilter {
    func attribute(_ number: postern_attribute, _ header: UnsafeMutablePointer<StreamHeader>)
        -> AttributeValue
    {
        self.context._withUnsafeGuaranteedRef { context in
            guard Int(number) < context.attributes.count else { return .none }
            let stream = header.pointee.stream
            switch context.attributes[Int(number)] {
            case .known(let known): return stream._withUnsafeGuaranteedRef { $0.attribute(.known(known)) }
            case .metadata(let index):
                return stream._withUnsafeGuaranteedRef { $0.attribute(context.metadata[index]) }
            case .field(let section, let name):
                return stream._withUnsafeGuaranteedRef { stream in
                    if section == 1, stream.response.status == 0 { return .none }
                    return firstValue(section == 0 ? stream.request : stream.response, name).map {
                        .bytes($0)
                    }
                        ?? .none
                }
            }
        }
    }

    /// A copy of `bytes` that lives until the next call of this.
    func lend(_ bytes: [UInt8]) -> ByteView {
        self.lent.reset()
        bytes.withByteView { self.lent.append($0) }
        return self.lent.view
    }

    /// `number` in decimal digits, until the next call.
    func decimal(_ number: Int64) -> ByteView {
        self.digits.reset()
        if number < 0 { self.digits.append(0x2D) }
        self.digits.appendDecimal(number.magnitude)
        return self.digits.view
    }

    func take(
        _ buckets: postern_token_buckets, _ tokens: UInt64, _ key: ByteView,
        _ header: UnsafeMutablePointer<StreamHeader>
    ) -> TokenBucketAnswer? {
        self.context._withUnsafeGuaranteedRef { context in
            guard Int(buckets) < context.buckets.count else { return nil }
            let now = header.pointee.stream._withUnsafeGuaranteedRef { $0.worker.now }
            return context.buckets[Int(buckets)].take(tokens, key: key, now: now)
        }
    }
}
