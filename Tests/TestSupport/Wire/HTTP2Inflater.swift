internal import CNGHTTP2

/// Decodes heads with nghttp2, apart from the codec under test.
public final class HTTP2Inflater {
    private var inflater: OpaquePointer?

    public init() { nghttp2_hd_inflate_new(&self.inflater) }
    /// The peer was allowed a table of so many bytes.
    public func changeTableSize(_ bytes: Int) { nghttp2_hd_inflate_change_table_size(self.inflater, bytes) }

    deinit { nghttp2_hd_inflate_del(self.inflater) }

    /// The fields of a whole block, `name: value`.
    public func fields(_ block: [UInt8]) throws -> [String] {
        var fields: [String] = []
        var offset = 0
        while true {
            var field = nghttp2_nv()
            var flags: Int32 = 0
            let used = block.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(
                    self.inflater, &field, &flags, $0.baseAddress.map { $0 + offset }, block.count - offset, 1
                )
            }
            guard used >= 0 else { throw WireError(.other, "a head that is not HPACK: \(used)") }
            offset += used
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                fields.append(
                    Self.text(field.name, field.namelen) + ": " + Self.text(field.value, field.valuelen))
            } else if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                nghttp2_hd_inflate_end_headers(self.inflater)
                return fields
            }
        }
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
