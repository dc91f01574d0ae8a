internal import CLua
internal import Filtering

/// What a running call needs at hand; CLua hands its address back to ``LuaCallbacks``.
///
/// In raw memory and without ownership, because properties of a class cost reference counts and exclusivity
/// checks at every header a script reads.
struct LuaContext {
    // SAFETY: `filter` owns this memory and outlives every call. `stream` is set before each call of a script
    // and read only while that call runs, when whoever called the filter's hook keeps the stream alive. `vm`
    // is the filter's present machine, which it owns; nil when there is none.
    let filter: Unmanaged<LuaWorkerFilter>
    var stream: Unmanaged<FilterStream>
    var vm: OpaquePointer?
    /// Whether the filter keeps machines that were replaced.
    var hasRetired = false
}

extension LuaWorkerFilter {
    /// The exchange whose call is running; for callbacks only.
    var stream: FilterStream { self.context.pointee.stream.takeUnretainedValue() }
}
