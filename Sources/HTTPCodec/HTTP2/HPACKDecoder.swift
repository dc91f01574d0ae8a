public import Primitives

/// The decoding half of HPACK (RFC 7541).
///
/// ``beginBlock()``, then ``next(_:)`` until a block's bytes are used up. Every block of a connection must be
/// decoded, in order, whatever becomes of it.
public struct HPACKDecoder: ~Copyable {
    public enum Step {
        /// Its bytes live until the next call.
        case field(HPACKField, isNeverIndexed: Bool)
        /// All bytes are used up.
        case done
        /// What is left is not the whole of a field: come again with more behind it.
        case incomplete
        /// The block breaks HPACK's rules, and with it the table: the connection is lost.
        case failed
    }

    private var table = HPACKTable()
    /// What we have allowed the peer's table.
    private var allowed = HPACKTable.initialLimit
    /// The smallest that we have allowed since the peer last said its table's size, where that is larger: its
    /// next block must begin with a size that is no more than this. `Int.max` when nothing is due.
    private var dueSize = Int.max
    private var hasFields = false
    private let statics = HPACKStaticTable.shared
    private let huffman = HPACKHuffman.shared
    /// A literal, as a line.
    private let line = ByteBuffer(capacity: 128)

    public init() {}

    /// The peer has acknowledged a table of so many bytes (RFC 7541, 4.2).
    public mutating func changeTableSize(_ bytes: Int) {
        if bytes < self.table.limit { self.dueSize = min(bytes, self.dueSize) }
        self.allowed = bytes
    }

    /// A block begins.
    public mutating func beginBlock() { self.hasFields = false }

    /// Whether a block may end when its bytes are used up: one without any lacks a size that was due.
    public var mayEndBlock: Bool { self.dueSize == .max }

    /// Takes the next field from the front of `rest`.
    @inline(__always)
    public mutating func next(_ rest: inout ByteView) -> Step {
        if rest.isEmpty { return .done }
        let first = rest[0]
        if first > 0x80, first < 0xFF, self.dueSize == .max {
            self.hasFields = true
            rest = rest.dropFirst(1)
            return self.indexed(Int(first & 0x7F))
        }
        return self.nextInFull(&rest)
    }

    @inline(__always)
    private func indexed(_ index: Int) -> Step {
        if index <= HPACKStaticTable.count { return .field(self.statics.field(index), isNeverIndexed: false) }
        let age = index &- HPACKStaticTable.count
        guard age <= self.table.count else { return .failed }
        return .field(
            self.table.field(number: self.table.next &- UInt32(truncatingIfNeeded: age)),
            isNeverIndexed: false)
    }

    @inline(never)
    private mutating func nextInFull(_ rest: inout ByteView) -> Step {
        var at = 0
        while !rest.isEmpty, rest[0] & 0xE0 == 0x20 {
            // A new size of the table: at the beginning of a block only (RFC 7541, 4.2).
            at = 0
            switch HPACKInteger(rest, at: &at, mask: 0x1F) {
            case .incomplete: return .incomplete
            case .failed: return .failed
            case .value(let size):
                guard !self.hasFields, size <= min(self.allowed, self.dueSize) else { return .failed }
                self.dueSize = .max
                self.table.changeLimit(to: size)
                rest = rest.dropFirst(at)
            }
        }
        if rest.isEmpty { return .done }
        if self.dueSize != .max { return .failed }
        self.hasFields = true
        at = 0
        let first = rest[0]
        if first & 0x80 == 0 { return self.literal(&rest) }
        switch HPACKInteger(rest, at: &at, mask: 0x7F) {
        case .incomplete: return .incomplete
        case .value(let index) where index > 0:
            rest = rest.dropFirst(at)
            return self.indexed(index)
        case .failed, .value: return .failed
        }
    }

    // MARK: Literals

    private mutating func literal(_ rest: inout ByteView) -> Step {
        let first = rest[0]
        let isIndexed = first & 0x40 != 0
        var at = 0
        var named: HPACKField?
        switch HPACKInteger(rest, at: &at, mask: isIndexed ? 0x3F : 0x0F) {
        case .incomplete: return .incomplete
        case .failed: return .failed
        case .value(0): break
        case .value(let index):
            guard case .field(let field, _) = self.indexed(index) else { return .failed }
            named = field
        }
        var name = HPACKString.none
        if named == nil {
            switch HPACKString(rest, at: &at) {
            case .incomplete: return .incomplete
            case .failed: return .failed
            case let string: name = string
            }
        }
        let value = HPACKString(rest, at: &at)
        switch value {
        case .incomplete: return .incomplete
        case .failed: return .failed
        case .none, .plain, .coded: break
        }
        // Nothing is written before all of it is there: it may come in many pieces.
        self.line.reset(keeping: 4096)
        if let named { self.line.append(named.name) } else if !self.append(name) { return .failed }
        let nameLength = self.line.count
        self.line.append(": ")
        if !self.append(value) { return .failed }
        let valueLength = self.line.count &- nameLength &- 2
        self.line.append("\r\n")
        rest = rest.dropFirst(at)
        let text = self.line.view
        let nameView = text.slice(from: 0, to: nameLength)
        let valueView = text.slice(from: nameLength &+ 2, to: nameLength &+ 2 &+ valueLength)
        let facts =
            named.map { HPACKFieldFacts($0.facts, valueView) } ?? HPACKFieldFacts(nameView, valueView)
        if isIndexed { _ = self.table.insert(nameView, valueView, facts) }
        return .field(
            HPACKField(line: text, nameLength: nameLength, valueLength: valueLength, facts: facts),
            isNeverIndexed: first & 0xF0 == 0x10)
    }

    private func append(_ string: HPACKString) -> Bool {
        switch string {
        case .plain(let bytes): self.line.append(bytes)
        case .coded(let bytes): return self.huffman.decode(bytes, to: self.line)
        case .none, .incomplete, .failed: break
        }
        return true
    }
}
