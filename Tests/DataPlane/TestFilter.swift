internal import Filtering

/// What a test's filter does in each phase; a hook that is nil is not called.
struct Hooks: Sendable {
    typealias Hook = @Sendable (FilterStream, FilterSlot, _ endOfStream: Bool) -> FilterAction

    var requestHead: Hook?
    var requestBody: Hook?
    var responseHead: Hook?
    var responseBody: Hook?
    var complete: (@Sendable (FilterStream) -> Void)?

    var phases: FilterPhases {
        var phases: FilterPhases = []
        if self.requestHead != nil { phases.insert(FilterPhases(.requestHead)) }
        if self.requestBody != nil { phases.insert(FilterPhases(.requestBody)) }
        if self.responseHead != nil { phases.insert(FilterPhases(.responseHead)) }
        if self.responseBody != nil { phases.insert(FilterPhases(.responseBody)) }
        if self.complete != nil { phases.insert(FilterPhases(.complete)) }
        return phases
    }
}

/// A filter made of closures.
final class TestBlueprint: FilterBlueprint, @unchecked Sendable {
    private let hooks: Hooks

    init(_ name: String, _ hooks: Hooks) {
        self.hooks = hooks
        super.init(name: name)
    }

    override func makeFilter(_ worker: FilterWorker) -> Filter { TestFilter(self.hooks) }
}

private final class TestFilter: Filter {
    private let hooks: Hooks

    init(_ hooks: Hooks) {
        self.hooks = hooks
        super.init(phases: hooks.phases, stateSize: 0)
    }

    override func requestHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        self.hooks.requestHead?(stream, slot, endOfStream) ?? .continue
    }
    override func requestBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        self.hooks.requestBody?(stream, slot, endOfStream) ?? .continue
    }
    override func responseHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction
    {
        self.hooks.responseHead?(stream, slot, endOfStream) ?? .continue
    }
    override func responseBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction
    {
        self.hooks.responseBody?(stream, slot, endOfStream) ?? .continue
    }
    override func complete(_ stream: FilterStream, _ slot: FilterSlot) { self.hooks.complete?(stream) }
}

extension FilterStream {
    /// Resumes the filter in `slot` once the present hook has returned.
    func resumeSoon(_ direction: StreamDirection, _ slot: FilterSlot) {
        let place = slot.index
        self.worker.post(self.id) { $0.resume(direction, by: place) }
    }
}
