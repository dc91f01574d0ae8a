internal import CPosternABI
internal import Filtering
internal import Primitives

/// What a `postern_stream_host` points at: stands in front of the plugin's stream state in
/// ``FilterSlot/state``.
///
///     slot.state ─► | StreamHeader, 48 bytes | the plugin's state … |
///
/// So a call of the plugin finds stream and filter without a look-up, and one after `close` is noticed as
/// long as the memory has no other use.
struct StreamHeader {
    // SAFETY: `stream` outlives the slot's state (the host closes every filter before it uses a stream
    // again), and `filter` is kept by the filter in the host's chain until then. Both are set in
    // NativePlace.open, before any hook.
    var stream: Unmanaged<FilterStream>
    var filter: Unmanaged<NativePlace>
    /// ``alive`` between open and close.
    var mark: UInt32
    /// Place in the stream's chain.
    var slot: Int32
    /// The id given out for other threads; 0 when none was asked for.
    var id: UInt64
    /// Whether the current hook, or posted work, has answered.
    var hasResponded: Bool
    /// Whether the current hook is one of a body.
    var isInBody: Bool

    static let alive: UInt32 = 0x504F_5354
    static let closed: UInt32 = 0x444F_4E45
    /// Room in front of the plugin's state; keeps that 16-byte aligned.
    static let bytes = 48

    /// Prepares the header of a slot for a hook.
    @inline(__always)
    static func enter(_ slot: FilterSlot, isInBody: Bool) -> UnsafeMutablePointer<StreamHeader> {
        let header = slot.state.assumingMemoryBound(to: StreamHeader.self)
        header.pointee.hasResponded = false
        header.pointee.isInBody = isInBody
        return header
    }
}

/// The header that a plugin's pointer leads to; nil when the stream is over.
@inline(__always)
func liveHeader(_ stream: OpaquePointer?) -> UnsafeMutablePointer<StreamHeader>? {
    guard let stream else { return nil }
    let header = UnsafeMutablePointer<StreamHeader>(stream)
    return header.pointee.mark == StreamHeader.alive ? header : nil
}

/// The header's own address as the plugin sees it.
@inline(__always)
func opaque(_ header: UnsafeMutablePointer<StreamHeader>) -> OpaquePointer { OpaquePointer(header) }

extension postern_bytes {
    @inline(__always)
    init(_ view: ByteView) {
        self.init(ptr: view.base.assumingMemoryBound(to: UInt8.self), len: view.count)
    }

    /// The plugin's bytes for the length of this call; nil for a null pointer with a length, and for a length
    /// that no memory has.
    @inline(__always)
    var view: ByteView? {
        // SAFETY: postern_abi.h: `ptr` addresses `len` bytes until the call returns.
        guard let ptr = self.ptr else { return self.len == 0 ? .empty : nil }
        guard self.len >= 0 else { return nil }
        return ByteView(base: UnsafeRawPointer(ptr), count: self.len)
    }
}
