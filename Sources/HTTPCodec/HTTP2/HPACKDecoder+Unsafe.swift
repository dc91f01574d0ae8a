internal import CNGHTTP2
internal import Primitives

/// The decoding half of HPACK (RFC 7541): nghttp2's inflater.
struct HPACKDecoder: ~Copyable {
    enum Step {
        /// A field; its bytes live until the next call.
        case field(name: ByteView, value: ByteView, isNeverIndexed: Bool)
        /// The fragment is used up; with the last one the block is complete.
        case done
        /// The block breaks HPACK's rules, and with it the table: the connection is lost.
        case failed
    }

    // SAFETY: made by nghttp2_hd_inflate_new, owned by this value alone and freed in deinit; nil only when
    // there was no memory, and then every block fails.
    private let inflater: OpaquePointer?

    /// - Parameter tableSize: Bytes that the peer may use once it has acknowledged our SETTINGS.
    init() {
        var inflater: OpaquePointer?
        _ = nghttp2_hd_inflate_new(&inflater)
        self.inflater = inflater
    }

    deinit { nghttp2_hd_inflate_del(self.inflater) }

    /// The peer has acknowledged a table of so many bytes (RFC 7541, 4.2).
    func changeTableSize(_ bytes: Int) {
        guard let inflater = self.inflater else { return }
        _ = nghttp2_hd_inflate_change_table_size(inflater, bytes)
    }

    /// The bytes of the table in use.
    var tableSize: Int { self.inflater.map { nghttp2_hd_inflate_get_dynamic_table_size($0) } ?? 0 }

    /// Takes the next field from the front of `fragment`.
    @inline(__always)
    func next(_ fragment: inout ByteView, isLast: Bool) -> Step {
        guard let inflater = self.inflater else { return .failed }
        // Not with the last one: only an empty call tells nghttp2 that a block without bytes has ended.
        if fragment.isEmpty, !isLast { return .done }
        var field = nghttp2_nv()
        var flags: Int32 = 0
        // SAFETY: the fragment's bytes live for this call; what `field` addresses lives until the next one.
        let used = nghttp2_hd_inflate_hd2(
            inflater, &field, &flags, fragment.base.assumingMemoryBound(to: UInt8.self), fragment.count,
            isLast ? 1 : 0)
        guard used >= 0 else { return .failed }
        fragment = fragment.dropFirst(used)
        if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
            return .field(
                name: ByteView(UnsafeRawBufferPointer(start: field.name, count: field.namelen)),
                value: ByteView(UnsafeRawBufferPointer(start: field.value, count: field.valuelen)),
                isNeverIndexed: field.flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0)
        }
        if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
            _ = nghttp2_hd_inflate_end_headers(inflater)
        }
        return .done
    }
}
