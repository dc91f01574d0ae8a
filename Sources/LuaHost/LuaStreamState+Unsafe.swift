internal import CLua
internal import Filtering

/// What a stream remembers for one script, in the memory of its slot.
struct LuaStreamState {
    /// A call that waits, and for what.
    struct Waiting {
        var call: OpaquePointer?
        var outcome: postern_lua_outcome
    }

    private struct Memory {
        var request: Waiting
        var response: Waiting
        /// A failure that could not be told at once: the next hook tells it.
        var hasFailed: Bool
        /// A call failed and the exchange goes on without the script.
        var isOff: Bool
    }

    static let size = MemoryLayout<Memory>.size

    // SAFETY: the slot's memory is 16-byte aligned, zeroed before the stream's first hook and `size` bytes
    // long; all zeros are a valid value (no call, FINISHED, false). It is ours for the length of a hook.
    private let memory: UnsafeMutablePointer<Memory>

    init(_ slot: FilterSlot) { self.memory = slot.state.assumingMemoryBound(to: Memory.self) }

    var isOff: Bool {
        get { self.memory.pointee.isOff }
        nonmutating set { self.memory.pointee.isOff = newValue }
    }

    var hasFailed: Bool {
        get { self.memory.pointee.hasFailed }
        nonmutating set { self.memory.pointee.hasFailed = newValue }
    }

    subscript(direction: StreamDirection) -> Waiting {
        get { direction == .request ? self.memory.pointee.request : self.memory.pointee.response }
        nonmutating set {
            if direction == .request {
                self.memory.pointee.request = newValue
            } else {
                self.memory.pointee.response = newValue
            }
        }
    }
}
