internal import PosternSDK

/// Records in the text format of COPY: tabs between values, `\N` for what is absent.
struct CopyLines {
    private(set) var bytes: [UInt8] = []

    init(_ batch: borrowing Batch, _ plan: TablePlan, _ records: [Int]) {
        for index in records {
            let record = batch[index]
            for (place, column) in plan.columns.enumerated() {
                if place > 0 { self.bytes.append(0x09) }
                self.append(record[column])
            }
            self.bytes.append(0x0A)
        }
    }

    private mutating func append(_ value: borrowing Value) {
        switch value {
        case .absent: self.bytes += [0x5C, 0x4E]
        case .string(let bytes): self.append(text: bytes)
        case .timestamp(let moment): moment.append(to: &self.bytes, fractionDigits: 6)
        case .int64(let number): self.bytes.append(number: number)
        case .double(let number): self.bytes += Array("\(number)".utf8)
        case .bool(let flag): self.bytes.append(flag ? 0x74 : 0x66)
        case .duration(let nanoseconds): self.bytes.append(duration: nanoseconds)
        case .ipAddress(let bytes): self.bytes.append(address: bytes)
        }
    }

    /// Without what a text of PostgreSQL cannot hold: zeros and malformed UTF-8 become U+FFFD.
    private mutating func append(text bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.append(contentsOf: bytes)
        if !copy.allSatisfy({ $0 > 0 && $0 < 0x80 }) {
            copy = Array(String(decoding: copy, as: UTF8.self).replacing("\0", with: "\u{FFFD}").utf8)
        }
        for byte in copy {
            switch byte {
            case 0x5C: self.bytes += [0x5C, 0x5C]
            case 0x09: self.bytes += [0x5C, 0x74]
            case 0x0A: self.bytes += [0x5C, 0x6E]
            case 0x0D: self.bytes += [0x5C, 0x72]
            default: self.bytes.append(byte)
            }
        }
    }
}
