internal import Filtering
internal import Primitives

/// The static table (RFC 7541, appendix A), in the form of ``HPACKTable``.
struct HPACKStaticTable: @unchecked Sendable {
    /// How many entries; the dynamic table's indices follow.
    static var count: Int { 61 }
    static let shared = HPACKStaticTable()

    // SAFETY: three runs of memory that are written once, by `init`, read from then on, and never freed,
    // since the only value lives as long as the process: `count` entries, the lines that they name, and a
    // byte for each HeaderID.
    private let entries: UnsafePointer<HPACKTable.Entry>
    private let lines: UnsafeRawPointer
    private let names: UnsafePointer<UInt8>

    /// - Parameter index: 1...61.
    @inline(__always)
    func field(_ index: Int) -> HPACKField {
        assert(index >= 1 && index <= Self.count)
        let entry = self.entries[index &- 1]
        let length = Int(entry.nameLength) &+ Int(entry.valueLength) &+ 4
        return HPACKField(
            line: ByteView(base: self.lines + Int(entry.start), count: length),
            nameLength: Int(entry.nameLength), valueLength: Int(entry.valueLength), facts: entry.facts)
    }

    /// The first index with the name of `id`; 0 when there is none.
    @inline(__always)
    func index(of id: HeaderID) -> Int { Int(self.names[Int(id.rawValue)]) }

    private init() {
        let lines = ByteBuffer(capacity: 4096)
        let entries = UnsafeMutablePointer<HPACKTable.Entry>.allocate(capacity: Self.count)
        let names = UnsafeMutablePointer<UInt8>.allocate(capacity: HeaderID.count)
        names.initialize(repeating: 0, count: HeaderID.count)
        for (index, (name, value)) in Self.fields.enumerated() {
            let start = lines.writeIndex
            let facts = HPACKFieldFacts(ByteView(name), ByteView(value))
            lines.append(name)
            lines.append(": ")
            lines.append(value)
            lines.append("\r\n")
            entries[index] = HPACKTable.Entry(
                start: UInt32(start), nameLength: UInt32(name.utf8CodeUnitCount),
                valueLength: UInt32(value.utf8CodeUnitCount), facts: facts)
            if facts.id != .other, names[Int(facts.id.rawValue)] == 0 {
                names[Int(facts.id.rawValue)] = UInt8(index + 1)
            }
        }
        let copy = UnsafeMutableRawPointer.allocate(byteCount: lines.count, alignment: 16)
        copy.copyMemory(from: lines.base, byteCount: lines.count)
        self.lines = UnsafeRawPointer(copy)
        self.entries = UnsafePointer(entries)
        self.names = UnsafePointer(names)
    }

    private static let fields: [(StaticString, StaticString)] = [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
        (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
        (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""),
        ("accept-ranges", ""), ("accept", ""), ("access-control-allow-origin", ""), ("age", ""),
        ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""),
        ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
        ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""),
        ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""),
        ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""),
        ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
        ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""),
        ("via", ""), ("www-authenticate", ""),
    ]
}
