/// What runs at one place of a chain in one worker.
///
/// Native plugins and Lua scripts subclass it. All calls come from the worker's own thread. A class and not a
/// protocol: the call is one load and one indirect call, without an existential.
open class Filter {
    /// The hooks to call.
    public final let phases: FilterPhases
    /// Bytes the filter needs for each stream, 16-byte aligned, zeroed before ``open(_:_:)``.
    public final let stateSize: Int

    public init(phases: FilterPhases, stateSize: Int) {
        self.phases = phases
        self.stateSize = stateSize
    }

    /// A stream reached this filter; called before its first hook.
    open func open(_ stream: FilterStream, _ slot: FilterSlot) {}

    /// The stream is over; the last call for it, once for every ``open(_:_:)``.
    open func close(_ stream: FilterStream, _ slot: FilterSlot) {}

    /// The request's head is in ``FilterStream/request``. May return any action.
    open func requestHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        .continue
    }

    /// Bytes of the request's body are in ``FilterStream/body``. ``FilterAction/buffer`` is not allowed.
    open func requestBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        .continue
    }

    /// The request's trailers are in ``FilterStream/requestTrailers``.
    open func requestTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction { .continue }

    /// The response's head is in ``FilterStream/response``; informational (1xx) heads are not shown.
    open func responseHead(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        .continue
    }

    open func responseBody(_ stream: FilterStream, _ slot: FilterSlot, endOfStream: Bool) -> FilterAction {
        .continue
    }

    open func responseTrailers(_ stream: FilterStream, _ slot: FilterSlot) -> FilterAction { .continue }

    /// The exchange is finished, well or not; every attribute of it can be read. Nothing can be changed any
    /// more.
    open func complete(_ stream: FilterStream, _ slot: FilterSlot) {}
}

/// Which place of a stream's chain a call is for, and the memory that belongs to it.
public struct FilterSlot {
    /// Place in the stream's chain, 0 first.
    public let index: Int
    /// `Filter.stateSize` bytes, the same for every call of one stream, gone after `close`.
    public let state: UnsafeMutableRawPointer

    @inlinable
    public init(index: Int, state: UnsafeMutableRawPointer) {
        self.index = index
        self.state = state
    }
}

/// A configured filter, shared by all workers; compiled once from a configuration on the control thread.
///
/// The same blueprint is kept by later snapshots while file and configuration stay the same, and with it
/// every worker's ``Filter`` and what that remembers.
open class FilterBlueprint: @unchecked Sendable {
    // SAFETY: stored properties are immutable; subclasses add only immutable or synchronised state.

    /// The filter's name in metrics, logs and `filterConfig`.
    public final let name: String
    /// Whether its filters are ``NetworkFilter``s.
    public final let isNetwork: Bool

    public init(name: String, isNetwork: Bool = false) {
        self.name = name
        self.isNetwork = isNetwork
    }

    /// Makes the worker's instance. Called on the worker's thread, once for each worker.
    open func makeFilter(_ worker: FilterWorker) -> Filter { Filter(phases: [], stateSize: 0) }
}
