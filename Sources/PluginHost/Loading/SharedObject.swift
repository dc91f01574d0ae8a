/// What the dynamic linker reads of a shared object (System V ABI, chapter 5), without loading it.
public struct SharedObject: Sendable, Hashable {
    /// The symbols it defines for others, sorted.
    public private(set) var exports: [String] = []
    /// The libraries that it needs, in order.
    public private(set) var libraries: [String] = []

    private static let tableOfSymbols = 11
    private static let dynamicSection = 6

    /// - Parameter bytes: The whole file; nil when it is no 64-bit little-endian ELF file with sections.
    public init?(_ bytes: [UInt8]) {
        let file = Bytes(bytes)
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
            let start = file.number(40, 8), let size = file.number(58, 2), let count = file.number(60, 2),
            size >= 64
        else { return nil }
        for index in 0..<count {
            guard let section = Section(file, start + index * size) else { return nil }
            guard [Self.tableOfSymbols, Self.dynamicSection].contains(section.kind) else { continue }
            guard let texts = Section(file, start + section.link * size) else { return nil }
            if section.kind == Self.tableOfSymbols {
                self.exports = Self.exports(file, section, texts)
            } else {
                self.libraries = Self.libraries(file, section, texts)
            }
        }
    }

    /// Symbols that have a section, and are global or weak.
    private static func exports(_ file: Bytes, _ table: Section, _ texts: Section) -> [String] {
        var found: [String] = []
        for entry in stride(from: table.start, to: table.start + table.size, by: 24) {
            guard let name = file.number(entry, 4), let info = file.number(entry + 4, 1),
                let section = file.number(entry + 6, 2)
            else { return found }
            if section == 0 || info >> 4 == 0 { continue }
            if let text = file.text(texts.start + name) { found.append(text) }
        }
        return found.sorted()
    }

    /// Entries of the kind DT_NEEDED.
    private static func libraries(_ file: Bytes, _ table: Section, _ texts: Section) -> [String] {
        var found: [String] = []
        for entry in stride(from: table.start, to: table.start + table.size, by: 16) {
            guard let tag = file.number(entry, 8), let value = file.number(entry + 8, 8), tag != 0 else {
                return found
            }
            if tag == 1, let text = file.text(texts.start + value) { found.append(text) }
        }
        return found
    }

    private struct Section {
        let kind, start, size, link: Int

        init?(_ file: Bytes, _ header: Int) {
            guard let kind = file.number(header + 4, 4), let start = file.number(header + 24, 8),
                let size = file.number(header + 32, 8), let link = file.number(header + 40, 4),
                size <= file.count, start <= file.count
            else { return nil }
            (self.kind, self.start, self.size, self.link) = (kind, start, size, link)
        }
    }

    /// Numbers and texts at places that a file names, which may lie outside of it.
    private struct Bytes {
        private let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        var count: Int { self.bytes.count }

        func number(_ start: Int, _ size: Int) -> Int? {
            guard start >= 0, start <= self.bytes.count - size else { return nil }
            let value = self.bytes[start..<start + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }

        func text(_ start: Int) -> String? {
            guard start >= 0, start < self.bytes.count else { return nil }
            return String(decoding: self.bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
