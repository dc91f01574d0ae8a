internal import PluginSupport
internal import PosternSDK

/// What the entries of a list are.
enum EntryType: String, Decodable, Sendable {
    case strings, caseInsensitiveStrings, addresses, regex
}

/// A list, ready to be searched. Immutable.
struct ListContent: Sendable {
    private enum Kind: Sendable {
        case strings(ByteStringTable)
        case lowercase(ByteStringTable)
        case addresses(AddressSet)
        case patterns(PatternList)
    }

    private let kind: Kind

    /// - Throws: ``ConfigProblem`` with the first entry that is none of its type.
    init(_ type: EntryType, _ entries: [String], at pointer: String = "/entries") throws(ConfigProblem) {
        switch type {
        case .strings, .caseInsensitiveStrings:
            var table = ByteStringTable(capacity: entries.count)
            let folds = type == .caseInsensitiveStrings
            for entry in entries {
                _ = table.insert(folds ? entry.utf8.map(\.asciiLowercase) : Array(entry.utf8))
            }
            self.kind = folds ? .lowercase(table) : .strings(table)
        case .addresses:
            self.kind = .addresses(
                try AddressSet(entries, at: pointer, text: nil, at: pointer))
        case .regex:
            self.kind = .patterns(try PatternList(entries, at: pointer))
        }
    }

    /// One entry a line; spaces around it, empty lines, and lines that begin with `#` do not count.
    ///
    /// - Throws: ``ConfigProblem`` with the line's number.
    init(_ type: EntryType, lines bytes: [UInt8]) throws(ConfigProblem) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigProblem("", "is not UTF-8")
        }
        var entries: [String] = []
        var numbers: [Int] = []
        for (number, line) in numberedLines(of: text) {
            let bytes = Array(line.utf8)
            let entry = bytes[bytes.span.trimmedRange]
            if entry.isEmpty || entry.first == 0x23 { continue }
            entries.append(String(decoding: entry, as: UTF8.self))
            numbers.append(number)
        }
        do {
            try self.init(type, entries, at: "")
        } catch {
            let index = Int(error.pointer.dropFirst()) ?? 0
            throw ConfigProblem("", "line \(numbers.isEmpty ? 0 : numbers[index]) \(error.message)")
        }
    }

    func contains(_ value: borrowing Value) -> Bool {
        switch value {
        case .absent: return false
        case .string(let bytes): return self.contains(bytes)
        case .ipAddress(let bytes):
            if case .addresses(let set) = self.kind {
                return IPAddress(networkOrder: bytes).map { set.contains($0) } ?? false
            }
        default: break
        }
        var text: [UInt8] = []
        value.append(to: &text)
        return self.contains(text.span)
    }

    private func contains(_ text: Span<UInt8>) -> Bool {
        switch self.kind {
        case .strings(let table): return table.index(of: text) != nil
        case .lowercase(let table):
            var lower: [UInt8] = []
            lower.reserveCapacity(text.count)
            for index in text.indices { lower.append(text[index].asciiLowercase) }
            return table.index(of: lower.span) != nil
        case .addresses(let set): return IPAddress(text).map { set.contains($0) } ?? false
        case .patterns(let patterns): return patterns.match(text)
        }
    }
}
