internal import Primitives

/// Forms that a text may have.
enum TextForm {
    /// Letters, digits, `-` and `_` in labels of 1 to 63, at most 253 together; a `*` may be the first label.
    static func isDNSName(_ text: ByteView) -> Bool {
        var name = text
        if name.count > 1, name[name.count - 1] == 0x2E { name = name[0..<name.count - 1] }
        guard (1...253).contains(name.count) else { return false }
        var length = 0
        for index in 0..<name.count {
            let byte = name[index]
            if byte == 0x2E {
                guard length > 0, name[index - 1] != 0x2D else { return false }
                length = 0
                continue
            }
            let isFirst = length == 0
            length += 1
            let isWild = byte == 0x2A && index == 0 && (name.count == 1 || name[1] == 0x2E)
            let isLetter = asciiLowercase(byte) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F
            guard isLetter || isWild || byte == 0x2D && !isFirst, length <= 63 else { return false }
        }
        return length > 0 && name[name.count - 1] != 0x2D
    }

    /// A scheme and something after it, or a reference that begins with `/` (RFC 3986); no spaces or
    /// controls.
    static func isURI(_ text: ByteView) -> Bool {
        guard !text.isEmpty else { return false }
        for index in 0..<text.count where text[index] <= 0x20 || text[index] == 0x7F { return false }
        if text[0] == 0x2F { return true }
        guard let colon = text.firstIndex(of: 0x3A), colon > 0, asciiLowercase(text[0]) &- 0x61 < 26 else {
            return false
        }
        for index in 0..<colon {
            let byte = text[index]
            let isPart = asciiLowercase(byte) &- 0x61 < 26 || byte &- 0x30 < 10
            guard isPart || byte == 0x2B || byte == 0x2D || byte == 0x2E else { return false }
        }
        return true
    }

    /// `local@domain` (RFC 5321), without quotes or comments.
    static func isEmailAddress(_ text: ByteView) -> Bool {
        guard let at = text.firstIndex(of: 0x40), (1...64).contains(at) else { return false }
        let allowed = ByteView("!#$%&'*+-/=?^_`{|}~.")
        for index in 0..<at {
            let byte = text[index]
            let isLetter = asciiLowercase(byte) &- 0x61 < 26 || byte &- 0x30 < 10 || byte >= 0x80
            guard isLetter || allowed.firstIndex(of: byte) != nil else { return false }
            if byte == 0x2E, index == 0 || index == at - 1 || text[index - 1] == 0x2E { return false }
        }
        return Self.isDNSName(text.dropFirst(at + 1)) && text[at + 1] != 0x2A
    }

    /// Whether `pattern`, in which `*` stands for any text, fits the whole of `text`.
    ///
    /// - Complexity: The product of both lengths at worst; the caller pays for it.
    static func matchesGlob(_ text: ByteView, _ pattern: ByteView) -> Bool {
        var (at, place) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if place < pattern.count, pattern[place] == 0x2A {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == text[at] {
                place += 1
                at += 1
            } else if let last = star {
                place = last.pattern + 1
                at = last.text + 1
                star = (last.pattern, at)
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == 0x2A { place += 1 }
        return place == pattern.count
    }
}
