internal import CNGHTTP2

/// Encodes heads with nghttp2, apart from the codec under test.
public final class HTTP2Deflater {
    private var deflater: OpaquePointer?

    public init() { nghttp2_hd_deflate_new(&self.deflater, 4096) }
    deinit { nghttp2_hd_deflate_del(self.deflater) }

    /// The peer allows a table of so many bytes.
    public func changeTableSize(_ bytes: Int) { nghttp2_hd_deflate_change_table_size(self.deflater, bytes) }

    /// A block with these fields.
    ///
    /// - Parameter isSensitive: By the field's place; those are in no table.
    public func block(
        _ fields: [(name: [UInt8], value: [UInt8])], isSensitive: (Int) -> Bool = { _ in false }
    )
        -> [UInt8]
    {
        var texts = fields.map { [$0.name, $0.value] }
        var bytes = [UInt8](repeating: 0, count: 256)
        withPointers(&texts, 0, []) { pointers in
            var pairs = pointers.indices.map { index in
                nghttp2_nv(
                    name: pointers[index].0, value: pointers[index].1, namelen: fields[index].name.count,
                    valuelen: fields[index].value.count,
                    flags: isSensitive(index) ? UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : 0)
            }
            bytes = [UInt8](
                repeating: 0, count: nghttp2_hd_deflate_bound(self.deflater, pairs, pairs.count) + 16)
            let count = nghttp2_hd_deflate_hd(self.deflater, &bytes, bytes.count, &pairs, pairs.count)
            bytes.removeLast(bytes.count - max(count, 0))
        }
        return bytes
    }

    private typealias Pointers = [(UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?)]

    private func withPointers(
        _ texts: inout [[[UInt8]]], _ index: Int, _ known: Pointers, _ body: (Pointers) -> Void
    ) {
        if index == texts.count { return body(known) }
        var pair = texts[index]
        var name = pair.removeFirst()
        var value = pair.removeFirst()
        name.withUnsafeMutableBufferPointer { name in
            value.withUnsafeMutableBufferPointer { value in
                self.withPointers(
                    &texts, index + 1, known + [(name.baseAddress, value.baseAddress)], body)
            }
        }
    }
}
