internal import CPosternABI
internal import Filtering

/// A plugin's network filter at one place of a chain in one worker: turns hooks into calls of C functions.
final class NativeNetworkFilter: NetworkFilter {
    // SAFETY: as for NativeFilter.
    private let place: NativePlace
    private let hooks: postern_network_filter
    private let config: UnsafeMutableRawPointer?
    private let worker: UnsafeMutableRawPointer?

    init(_ place: NativePlace, _ hooks: postern_network_filter) {
        self.place = place
        self.hooks = hooks
        self.config = place.config
        self.worker = place.worker
        super.init(
            phases: self.hooks.phases,
            stateSize: StreamHeader.bytes + (self.hooks.connection_state_bytes + 15) / 16 * 16
        )
    }

    deinit {
        self.hooks.worker_destroy?(self.config, self.worker)
        self.place.end()
    }

    override func open(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = self.place.open(stream, slot)
        self.hooks.connection_open?(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }

    override func close(_ stream: FilterStream, _ slot: FilterSlot) {
        let header = slot.state.assumingMemoryBound(to: StreamHeader.self)
        self.hooks.connection_close?(
            self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
        self.place.close(header)
    }

    private func leave(
        _ header: UnsafeMutablePointer<StreamHeader>, _ action: postern_network_action
    ) -> NetworkAction {
        header.pointee.isInBody = false
        switch action {
        case 0: return .continue
        case 1: return .more
        case 2: return .pause
        case 3: return .close
        default: return .failed
        }
    }

    override func connected(_ stream: NetworkStream, _ slot: FilterSlot) -> NetworkAction {
        guard let hook = self.hooks.new_connection else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: false)
        return self.leave(
            header, hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes))
    }

    override func data(
        _ stream: NetworkStream, _ slot: FilterSlot, _ direction: StreamDirection, endOfStream: Bool
    ) -> NetworkAction {
        guard let hook = self.hooks.data else { return .continue }
        let header = StreamHeader.enter(slot, isInBody: true)
        let state = slot.state + StreamHeader.bytes
        let action = hook(
            self.config, self.worker, opaque(header), state, UInt32(direction.rawValue),
            endOfStream ? POSTERN_END_OF_STREAM : 0)
        return self.leave(header, action)
    }

    override func complete(_ stream: FilterStream, _ slot: FilterSlot) {
        guard let hook = self.hooks.complete else { return }
        let header = StreamHeader.enter(slot, isInBody: false)
        hook(self.config, self.worker, opaque(header), slot.state + StreamHeader.bytes)
    }
}

extension postern_network_filter {
    /// The hooks that are not null, as ``NetworkFilter`` counts them.
    var phases: FilterPhases {
        var phases: FilterPhases = []
        if self.new_connection != nil { phases.insert(FilterPhases(.requestHead)) }
        if self.data != nil {
            phases.insert(FilterPhases(.requestBody))
            phases.insert(FilterPhases(.responseBody))
        }
        if self.complete != nil { phases.insert(FilterPhases(.complete)) }
        return phases
    }
}
