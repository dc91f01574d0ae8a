internal import CNGHTTP2
internal import Primitives

/// The encoding half of HPACK (RFC 7541): nghttp2's deflater, fed without copies.
///
/// ``begin(bound:)``, then ``add(_:_:isPrivate:)`` for each field in order, then ``write(to:_:)``. Blocks
/// must reach the peer in the order in which they were written.
struct HPACKEncoder: ~Copyable {
    // SAFETY: made by nghttp2_hd_deflate_new, owned by this value alone and freed in deinit; nil only when
    // there was no memory.
    private let deflater: OpaquePointer?
    // SAFETY: room for `capacity` elements of a trivial type, of which `count` are set; owned by this value.
    private var fields: UnsafeMutablePointer<nghttp2_nv>
    private var capacity = 32
    private var count = 0
    /// Names in lower case and numbers. Sized in `begin`, and does not grow while `fields` points into it.
    private let text = ByteBuffer(capacity: 256)
    private let scratch = ByteBuffer(capacity: 16)

    init() {
        var deflater: OpaquePointer?
        _ = nghttp2_hd_deflate_new(&deflater, 4096)
        self.deflater = deflater
        self.fields = .allocate(capacity: 32)
    }

    deinit {
        nghttp2_hd_deflate_del(self.deflater)
        self.fields.deallocate()
    }

    /// The peer allows a table of so many bytes; more than 4,096 are never used.
    func changeTableSize(_ bytes: Int) {
        guard let deflater = self.deflater else { return }
        _ = nghttp2_hd_deflate_change_table_size(deflater, min(bytes, 4096))
    }

    /// Starts a block.
    ///
    /// - Parameter bound: At least the bytes that names in lower case and numbers will take.
    mutating func begin(bound: Int) {
        self.count = 0
        self.text.reset(keeping: 16 << 10)
        self.text.reserve(bound)
    }

    /// Adds a field whose name is in lower case.
    ///
    /// - Parameters:
    ///   - name: Lives, as the value, until ``write(to:_:)``.
    ///   - isPrivate: Neither we nor the peer puts it into a table: it is secret, or never the same twice.
    @inline(__always)
    mutating func add(_ name: ByteView, _ value: ByteView, isPrivate: Bool = false) {
        if self.count == self.capacity { self.growFields() }
        // SAFETY: nghttp2 only reads through these pointers, during the call in `write`.
        self.fields[self.count] = nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.base.assumingMemoryBound(to: UInt8.self)),
            value: UnsafeMutablePointer(mutating: value.base.assumingMemoryBound(to: UInt8.self)),
            namelen: name.count, valuelen: value.count,
            flags: isPrivate ? UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : 0)
        self.count &+= 1
    }

    /// Adds a field whose name may have capitals.
    mutating func addFolded(_ name: ByteView, _ value: ByteView, isPrivate: Bool = false) {
        let start = self.text.writeIndex
        assert(self.text.spare >= name.count, "the bound that was given to `begin` was too small")
        for index in 0..<name.count { self.text.append(asciiLowercase(name[index])) }
        self.add(self.text.view(at: start, name.count), value, isPrivate: isPrivate)
    }

    /// Adds a field whose value is a number.
    mutating func add(_ name: StaticString, number: UInt64) {
        let start = self.text.writeIndex
        self.text.appendDecimal(number)
        self.add(ByteView(name), self.text.view(at: start, self.text.writeIndex - start))
    }

    @inline(never)
    private mutating func growFields() {
        let bigger = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: self.capacity * 2)
        bigger.update(from: self.fields, count: self.count)
        self.fields.deallocate()
        self.fields = bigger
        self.capacity *= 2
    }

    /// Writes the block as HEADERS, and CONTINUATION where one frame does not hold it.
    ///
    /// - Returns: false when nghttp2 had no memory: the connection must end.
    mutating func write(
        to output: ByteBuffer, stream: UInt32, flags: HTTP2Flags, maxFrameSize: Int
    ) -> Bool {
        guard let deflater = self.deflater else { return false }
        let bound = nghttp2_hd_deflate_bound(deflater, self.fields, self.count)
        if bound > maxFrameSize {
            return self.writeLong(to: output, stream, flags, maxFrameSize, deflater, bound)
        }
        output.reserve(HTTP2FrameHeader.size + bound)
        let start = output.writeIndex
        // SAFETY: `bound` bytes have room behind the nine of the header.
        let length = nghttp2_hd_deflate_hd(
            deflater,
            (output.base + start + HTTP2FrameHeader.size).assumingMemoryBound(to: UInt8.self), bound,
            self.fields, self.count)
        guard length >= 0 else { return false }
        output.storeFrame(
            at: start, length: length, kind: HTTP2FrameKind.headers, flags: flags.union(.endHeaders),
            stream: stream)
        output.writeIndex = start + HTTP2FrameHeader.size + length
        return true
    }

    @inline(never)
    private func writeLong(
        to output: ByteBuffer, _ stream: UInt32, _ flags: HTTP2Flags, _ maxFrameSize: Int,
        _ deflater: OpaquePointer, _ bound: Int
    ) -> Bool {
        self.scratch.reset()
        self.scratch.reserve(bound)
        // SAFETY: `bound` bytes have room.
        let length = nghttp2_hd_deflate_hd(
            deflater, self.scratch.base.assumingMemoryBound(to: UInt8.self), bound, self.fields, self.count)
        guard length >= 0 else { return false }
        self.scratch.writeIndex = length
        var kind = HTTP2FrameKind.headers
        var flags = flags
        repeat {
            let part = min(self.scratch.count, maxFrameSize)
            if part == self.scratch.count { flags.insert(.endHeaders) }
            output.appendFrame(length: part, kind: kind, flags: flags, stream: stream)
            output.append(self.scratch.view[0..<part])
            self.scratch.consume(part)
            kind = HTTP2FrameKind.continuation
            flags = []
        } while !self.scratch.isEmpty
        self.scratch.reset(keeping: 16)
        return true
    }
}
