internal import CFuzzer
internal import CNGHTTP2
internal import HTTPCodec
internal import Primitives

/// Feeds HPACK's decoder, beside nghttp2's.
///
/// The first byte says how many bytes come at a time. What follows are blocks, each behind a byte with its
/// length; 0xFF is a change of the table's size instead, to 32 times the byte that follows.
@main
struct HPACKFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            HPACKFuzz.run(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard input.count > 2 else { return }
        let step = max(1, Int(input[0]))
        var whole = HPACKDecoder()
        var pieces = HPACKDecoder()
        let reference = Reference()
        var at = 1
        while at + 1 < input.count {
            let length = Int(input[at])
            at += 1
            if length == 0xFF {
                let size = Int(input[at]) * 32
                whole.changeTableSize(size)
                pieces.changeTableSize(size)
                reference.changeTableSize(size)
                at += 1
                continue
            }
            let block = Array(input[at..<min(at + length, input.count)])
            at += block.count
            let (fields, isGood) = self.decode(&whole, block, block.count)
            let inPieces = self.decode(&pieces, block, step)
            precondition(fields == inPieces.fields && isGood == inPieces.isGood, "\(fields) or \(inPieces)")
            let expected = reference.decode(block)
            precondition(
                fields == expected.fields && isGood == expected.isGood,
                "\(fields) \(isGood), not \(expected), of \(block)")
            if !isGood { return }
        }
    }

    private static func decode(_ decoder: inout HPACKDecoder, _ block: [UInt8], _ step: Int) -> (
        fields: [String], isGood: Bool
    ) {
        var fields: [String] = []
        var start = 0
        var end = 0
        decoder.beginBlock()
        while true {
            let isLast = end >= block.count
            // Memory of the very size, so that the address sanitizer sees any byte read past it.
            let part = UnsafeMutableRawPointer.allocate(byteCount: max(end - start, 1), alignment: 1)
            defer { part.deallocate() }
            block.withUnsafeBytes { all in
                if let base = all.baseAddress { part.copyMemory(from: base + start, byteCount: end - start) }
            }
            var rest = ByteView(base: UnsafeRawPointer(part), count: end - start)
            part: while true {
                switch decoder.next(&rest) {
                case .field(let field, let isNeverIndexed):
                    fields.append("\(field.name.bytes) \(field.value.bytes) \(isNeverIndexed)")
                case .done: break part
                case .incomplete:
                    if isLast { return (fields, false) }
                    break part
                case .failed: return (fields, false)
                }
            }
            start = end - rest.count
            if isLast { return (fields, decoder.mayEndBlock) }
            end = min(end + step, block.count)
        }
    }
}

/// nghttp2's decoder.
private final class Reference {
    private var inflater: OpaquePointer?

    init() { nghttp2_hd_inflate_new(&self.inflater) }
    deinit { nghttp2_hd_inflate_del(self.inflater) }

    func changeTableSize(_ bytes: Int) { nghttp2_hd_inflate_change_table_size(self.inflater, bytes) }

    func decode(_ block: [UInt8]) -> (fields: [String], isGood: Bool) {
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
            guard used >= 0 else { return (fields, false) }
            offset += used
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = Array(UnsafeBufferPointer(start: field.name, count: field.namelen))
                let value = Array(UnsafeBufferPointer(start: field.value, count: field.valuelen))
                let isNeverIndexed = field.flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0
                fields.append("\(name) \(value) \(isNeverIndexed)")
            } else if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                nghttp2_hd_inflate_end_headers(self.inflater)
                return (fields, true)
            }
        }
    }
}
