/// What parent and child of a probe say to each other: `TAG LENGTH\n`, then LENGTH bytes.
struct ProbeRecord: Sendable, Hashable {
    /// What a record is.
    enum Tag: String, Sendable {
        /// Child: what it is about to do, so that a crash can be placed.
        case step
        /// Child: the plugin cannot be used; the first word is a code of ``PluginError``.
        case refused
        /// Child: one fact of ``PluginDescription``, in the order of its members.
        case name, version, abi, swift, kind, phases, templates, state, schema
        /// Parent: a configuration to try, or that there are no more.
        case config, end
        /// Child: JSON pointer, line feed, message; about the configuration being tried.
        case problem
        /// Child: a configuration was tried, or all were.
        case tried, done
    }

    var tag: Tag
    var text: [UInt8]

    init(_ tag: Tag, _ text: String = "") {
        self.tag = tag
        self.text = Array(text.utf8)
    }

    init(_ tag: Tag, bytes: [UInt8]) {
        self.tag = tag
        self.text = bytes
    }

    var string: String { String(decoding: self.text, as: UTF8.self) }

    var encoded: [UInt8] { Array("\(self.tag.rawValue) \(self.text.count)\n".utf8) + self.text }
}

/// Cuts a stream of bytes into records.
struct ProbeRecordReader {
    private var bytes: [UInt8] = []
    /// What came was no record; nothing more is read.
    private(set) var isMalformed = false

    mutating func append(_ more: some Sequence<UInt8>) { self.bytes += more }

    /// The next record that has arrived whole.
    mutating func next() -> ProbeRecord? {
        guard !self.isMalformed, let end = self.bytes.firstIndex(of: 0x0A) else { return nil }
        let parts = self.bytes[..<end].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        guard
            parts.count == 2, let tag = ProbeRecord.Tag(rawValue: parts[0]),
            let count = Int(parts[1]), (0...(16 << 20)).contains(count)
        else {
            self.isMalformed = true
            return nil
        }
        guard self.bytes.count - end - 1 >= count else { return nil }
        let text = Array(self.bytes[(end + 1)..<(end + 1 + count)])
        self.bytes.removeFirst(end + 1 + count)
        return ProbeRecord(tag, bytes: text)
    }
}
