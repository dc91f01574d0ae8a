internal import Filtering
internal import Primitives

/// The encoding half of HPACK (RFC 7541).
///
/// ``begin(in:)``, then an `add` for each field in order, then ``finish(in:stream:flags:maxFrameSize:)``.
/// Blocks must reach the peer in the order in which they were written, and nothing else is appended to the
/// output between the first call and the last.
///
/// Strings are written as they are, without Huffman's code: what is the same again goes by its index, and
/// what is not is short.
struct HPACKEncoder: ~Copyable {
    /// Which fields are not worth an entry: seldom the same twice.
    private static var unindexed: UInt64 {
        UInt64(1) << HeaderID.contentLength.rawValue | 1 << HeaderID.location.rawValue
            | 1 << HeaderID.etag.rawValue | 1 << HeaderID.setCookie.rawValue
            | 1 << HeaderID.ifNoneMatch.rawValue | 1 << HeaderID.ifModifiedSince.rawValue
    }

    private var table = HPACKTable()
    private var places = HPACKPlaces()
    private let statics = HPACKStaticTable.shared
    /// The smallest size of the table since the last block; nil: it has not changed.
    private var smallestSize: Int?
    /// Names in lower case.
    private let text = ByteBuffer(capacity: 64)
    /// A block that does not fit in one frame.
    private let long = ByteBuffer(capacity: 16)
    private var start = 0

    init() {}

    /// The peer allows a table of so many bytes; more than 4,096 are never used.
    mutating func changeTableSize(_ bytes: Int) {
        let size = min(bytes, HPACKTable.initialLimit)
        if size == self.table.limit { return }
        self.smallestSize = min(self.smallestSize ?? size, size)
        self.table.changeLimit(to: size)
    }

    /// Starts a block.
    mutating func begin(in output: ByteBuffer) {
        self.start = output.writeIndex
        output.reserve(HTTP2FrameHeader.size &+ 32)
        output.writeIndex &+= HTTP2FrameHeader.size
        if let smallest = self.smallestSize { self.writeSizes(smallest, to: output) }
    }

    private mutating func writeSizes(_ smallest: Int, to output: ByteBuffer) {
        // The peer must see that entries have gone, even if there is room again (RFC 7541, 4.2).
        if smallest < self.table.limit { output.append(hpackInteger: smallest, mask: 0x1F, flags: 0x20) }
        output.append(hpackInteger: self.table.limit, mask: 0x1F, flags: 0x20)
        self.smallestSize = nil
    }

    // MARK: Fields

    /// Adds a field with a well-known name.
    ///
    /// - Parameter isPrivate: Neither we nor the peer puts it into a table: it is secret, or never the same
    ///   twice.
    @inline(__always)
    mutating func add(_ id: HeaderID, _ value: ByteView, isPrivate: Bool, to output: ByteBuffer) {
        if isPrivate || Self.unindexed >> UInt64(id.rawValue) & 1 != 0 {
            return self.writeLiteral(
                ByteView(id.name), self.statics.index(of: id), value, flags: isPrivate ? 0x10 : 0, to: output)
        }
        let key = HPACKPlaces.key(id, value)
        let number = self.places.entry(key)
        let age = self.table.next &- number
        if age &- 1 < UInt32(truncatingIfNeeded: self.table.count) {
            let known = self.table.field(number: number)
            if known.facts.id == id, known.value == value { return self.writeIndex(age, to: output) }
        }
        self.addNew(ByteView(id.name), self.statics.index(of: id), value, id, key, to: output)
    }

    /// Adds a field whose name is in lower case, and not well-known.
    mutating func add(_ name: ByteView, _ value: ByteView, isPrivate: Bool, to output: ByteBuffer) {
        self.add(name, index: 0, value, isPrivate: isPrivate, to: output)
    }

    /// Adds a pseudo-field.
    ///
    /// - Parameter index: Of its name in the static table.
    mutating func add(_ name: StaticString, index: Int, _ value: ByteView, to output: ByteBuffer) {
        self.add(ByteView(name), index: index, value, isPrivate: false, to: output)
    }

    private mutating func add(
        _ name: ByteView, index: Int, _ value: ByteView, isPrivate: Bool, to output: ByteBuffer
    ) {
        if isPrivate { return self.writeLiteral(name, index, value, flags: 0x10, to: output) }
        let key = HPACKPlaces.key(name, value)
        let number = self.places.entry(key)
        let age = self.table.next &- number
        if age &- 1 < UInt32(truncatingIfNeeded: self.table.count) {
            let known = self.table.field(number: number)
            if known.name == name, known.value == value { return self.writeIndex(age, to: output) }
        }
        self.addNew(name, index, value, .other, key, to: output)
    }

    /// Adds a field whose name may have capitals.
    mutating func addFolded(_ name: ByteView, _ value: ByteView, isPrivate: Bool, to output: ByteBuffer) {
        self.text.reset(keeping: 4096)
        self.text.reserve(name.count)
        for index in 0..<name.count { self.text.append(asciiLowercase(name[index])) }
        self.add(self.text.view, value, isPrivate: isPrivate, to: output)
    }

    /// Adds `content-length`.
    mutating func add(contentLength: UInt64, to output: ByteBuffer) {
        self.text.reset()
        self.text.appendDecimal(contentLength)
        self.add(.contentLength, self.text.view, isPrivate: false, to: output)
    }

    mutating func add(status: Int, to output: ByteBuffer) {
        let index: Int
        switch status {
        case 200: index = 8
        case 204: index = 9
        case 206: index = 10
        case 304: index = 11
        case 400: index = 12
        case 404: index = 13
        case 500: index = 14
        default:
            self.text.reset()
            self.text.appendDecimal(UInt64(status))
            return self.add(":status", index: 8, self.text.view, to: output)
        }
        output.append(0x80 | UInt8(index))
    }

    mutating func add(method: ByteView, to output: ByteBuffer) {
        if method == "GET" { return output.append(0x82) }
        if method == "POST" { return output.append(0x83) }
        self.add(":method", index: 2, method, to: output)
    }

    mutating func add(scheme: ByteView, to output: ByteBuffer) {
        if scheme == "https" { return output.append(0x87) }
        if scheme == "http" { return output.append(0x86) }
        self.add(":scheme", index: 6, scheme, to: output)
    }

    mutating func add(path: ByteView, to output: ByteBuffer) {
        if path == "/" { return output.append(0x84) }
        self.writeLiteral(ByteView(":path"), 4, path, flags: 0, to: output)
    }

    // MARK: Representations

    /// - Parameter age: 1 for the entry that came last.
    @inline(__always)
    private func writeIndex(_ age: UInt32, to output: ByteBuffer) {
        output.reserve(16)
        output.append(hpackInteger: HPACKStaticTable.count &+ Int(age), mask: 0x7F, flags: 0x80)
    }

    /// A field that is in no table; it is from now on, unless it would fill most of it.
    @inline(never)
    private mutating func addNew(
        _ name: ByteView, _ index: Int, _ value: ByteView, _ id: HeaderID, _ key: UInt64,
        to output: ByteBuffer
    ) {
        // The only entry of the static table with a value that is not a pseudo-field's.
        if id == .acceptEncoding, value == "gzip, deflate" { return output.append(0x90) }
        let index = index == 0 ? self.indexOfName(name) : index
        if (name.count &+ value.count &+ HPACKTable.overhead) * 4 > self.table.limit * 3 {
            return self.writeLiteral(name, index, value, flags: 0, to: output)
        }
        self.writeLiteral(name, index, value, flags: 0x40, to: output)
        let facts = HPACKFieldFacts(id: id)
        let number = self.table.next
        if self.table.insert(name, value, facts) { self.places.set(key, name, number) }
    }

    /// The index of an entry with that name; 0 when none is known.
    private func indexOfName(_ name: ByteView) -> Int {
        let number = self.places.name(name)
        let age = self.table.next &- number
        guard age &- 1 < UInt32(truncatingIfNeeded: self.table.count),
            self.table.field(number: number).name == name
        else { return 0 }
        return HPACKStaticTable.count &+ Int(age)
    }

    /// - Parameters:
    ///   - index: Of the name; 0: it is written out.
    ///   - flags: 0x40: the peer adds it to its table; 0x10: nobody ever does; 0: neither.
    private func writeLiteral(
        _ name: ByteView, _ index: Int, _ value: ByteView, flags: UInt8, to output: ByteBuffer
    ) {
        output.reserve(name.count &+ value.count &+ 32)
        output.append(hpackInteger: index, mask: flags == 0x40 ? 0x3F : 0x0F, flags: flags)
        if index == 0 {
            output.append(hpackInteger: name.count, mask: 0x7F, flags: 0)
            output.append(name)
        }
        output.append(hpackInteger: value.count, mask: 0x7F, flags: 0)
        output.append(value)
    }

    // MARK: Frames

    /// Ends a block: its bytes are HEADERS now, and CONTINUATION where one frame does not hold them.
    mutating func finish(in output: ByteBuffer, stream: UInt32, flags: HTTP2Flags, maxFrameSize: Int) {
        let length = output.writeIndex &- self.start &- HTTP2FrameHeader.size
        if length > maxFrameSize { return self.split(output, stream, flags, maxFrameSize) }
        output.storeFrame(
            at: self.start, length: length, kind: HTTP2FrameKind.headers, flags: flags.union(.endHeaders),
            stream: stream)
    }

    @inline(never)
    private func split(_ output: ByteBuffer, _ stream: UInt32, _ flags: HTTP2Flags, _ maxFrameSize: Int) {
        let block = self.start + HTTP2FrameHeader.size
        self.long.reset()
        self.long.append(output.view(at: block, output.writeIndex - block))
        output.writeIndex = self.start
        var kind = HTTP2FrameKind.headers
        var flags = flags
        repeat {
            let part = min(self.long.count, maxFrameSize)
            if part == self.long.count { flags.insert(.endHeaders) }
            output.appendFrame(length: part, kind: kind, flags: flags, stream: stream)
            output.append(self.long.view[0..<part])
            self.long.consume(part)
            kind = HTTP2FrameKind.continuation
            flags = []
        } while !self.long.isEmpty
        self.long.reset(keeping: 16)
    }
}
