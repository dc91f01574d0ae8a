/// A time zone's offsets in the course of time (RFC 9636, TZif).
struct ZoneData: Sendable {
    /// Times from which on an offset holds, ascending, and that offset.
    private var transitions: [(from: Int64, offset: Int)] = []
    private var first = 0
    /// What holds after the last transition.
    private var rule: ZoneRule?

    init?(_ bytes: some Collection<UInt8>) {
        var reader = ZoneReader(Array(bytes))
        guard let header = reader.header() else { return nil }
        // Version 1 has 32-bit times; the block behind it has the same in 64 bits.
        if header.version == 0 {
            guard self.read(&reader, header, timeBytes: 4) else { return nil }
            return
        }
        reader.skip(header.size(timeBytes: 4))
        guard let second = reader.header(), self.read(&reader, second, timeBytes: 8) else { return nil }
        self.rule = ZoneRule(reader.footer())
    }

    private mutating func read(_ reader: inout ZoneReader, _ header: ZoneReader.Header, timeBytes: Int)
        -> Bool
    {
        let start = reader.index
        guard header.types > 0, start + header.size(timeBytes: timeBytes) <= reader.bytes.count else {
            return false
        }
        let kindsAt = start + header.times * timeBytes
        let typesAt = kindsAt + header.times
        func offset(_ type: Int) -> Int {
            Int(
                Int32(
                    truncatingIfNeeded: reader.number(at: typesAt + min(type, header.types - 1) * 6, bytes: 4)
                ))
        }
        self.first = offset(0)
        for index in 0..<header.times {
            let time = reader.number(at: start + index * timeBytes, bytes: timeBytes)
            self.transitions.append((time, offset(Int(reader.bytes[kindsAt + index]))))
        }
        reader.skip(header.size(timeBytes: timeBytes))
        return true
    }

    /// Seconds east of Greenwich.
    func offset(at seconds: Int64) -> Int {
        if let last = self.transitions.last, seconds >= last.from {
            return self.rule?.offset(at: seconds) ?? last.offset
        }
        if self.transitions.isEmpty { return self.rule?.offset(at: seconds) ?? self.first }
        var (low, high) = (0, self.transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if self.transitions[middle].from <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? self.first : self.transitions[low - 1].offset
    }
}
