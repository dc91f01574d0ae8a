internal import Glibc

/// Texts by which a suite knows its records again: letters and digits, none the beginning of another.
struct SuiteMarks {
    private let prefix: String
    private var made = 0

    init() {
        let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        self.prefix = "mark" + String(repeating: "0", count: 16 - number.count) + number + "n"
    }

    mutating func next() -> String {
        self.made += 1
        let number = String(self.made)
        return self.prefix + String(repeating: "0", count: max(7 - number.count, 0)) + number
    }

    /// How often each mark stands in the texts; several times in one text count once.
    func found(in texts: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for text in texts {
            for mark in self.marks(in: text) { counts[mark, default: 0] += 1 }
        }
        return counts
    }

    private func marks(in text: String) -> Set<String> {
        var (text, prefix, found) = (text, self.prefix, Set<String>())
        // SAFETY: both views live until the closures return; nothing is read beyond their counts.
        text.withUTF8 { text in
            prefix.withUTF8 { prefix in
                guard let start = text.baseAddress, let wanted = prefix.baseAddress else { return }
                let size = prefix.count + 7
                var at = 0
                while at + size <= text.count,
                    let hit = memchr(start + at, Int32(prefix[0]), text.count - at - size + 1)
                {
                    at = UnsafeRawPointer(start).distance(to: hit)
                    let isMark = memcmp(hit, wanted, prefix.count) == 0
                    if isMark { found.insert(String(decoding: text[at..<at + size], as: UTF8.self)) }
                    at += isMark ? size : 1
                }
            }
        }
        return found
    }
}
