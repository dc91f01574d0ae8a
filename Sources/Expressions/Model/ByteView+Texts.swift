internal import Glibc
internal import Primitives

// Texts are bytes that should be UTF-8. Where they are not, each byte that begins no character counts as one.

extension ByteView {
    /// Less than 0, 0 or more than 0, by bytes: for UTF-8 that is the order of the characters.
    func compare(_ other: ByteView) -> Int {
        let order = memcmp(self.base, other.base, Swift.min(self.count, other.count))
        return order != 0 ? Int(order) : self.count - other.count
    }

    /// A hash of the bytes; not for hiding anything.
    var hash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var index = 0
        while index + 8 <= self.count {
            hash = (hash ^ self.word(at: index)) &* 0x9FB2_1C65_1E98_DF25
            hash ^= hash >> 29
            index += 8
        }
        while index < self.count {
            hash = (hash ^ UInt64(self[index])) &* 0x0100_0000_01B3
            index += 1
        }
        return hash
    }

    /// Where `other` begins first, at `from` or later; nil when it does not.
    ///
    /// - Complexity: Linear in both lengths.
    func firstRange(of other: ByteView, from: Int = 0) -> Int? {
        if other.isEmpty { return from }
        var start = from
        // Places where the first byte fits are tried one by one, unless too many fit for a while.
        var patience = 4 * (self.count - from) + 1024
        while start + other.count <= self.count {
            let end = self.count - other.count + 1
            guard let next = self[start..<end].firstIndex(of: other[0]) else { return nil }
            start += next
            if self.dropFirst(start).hasPrefix(other) { return start }
            patience -= other.count
            if patience < 0 { return self.rolling(other, from: start) }
            start += 1
        }
        return nil
    }

    /// As above, by a hash that rolls along the text.
    private func rolling(_ other: ByteView, from: Int) -> Int? {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var (wanted, hash, leaving): (UInt64, UInt64, UInt64) = (0, 0, 1)
        for index in 0..<other.count {
            wanted = wanted &* factor &+ UInt64(other[index])
            hash = hash &* factor &+ UInt64(self[from + index])
            if index > 0 { leaving = leaving &* factor }
        }
        var start = from
        while true {
            if hash == wanted, self.dropFirst(start).hasPrefix(other) { return start }
            guard start + other.count < self.count else { return nil }
            hash = (hash &- UInt64(self[start]) &* leaving) &* factor &+ UInt64(self[start + other.count])
            start += 1
        }
    }

    func hasSuffix(_ suffix: ByteView) -> Bool {
        self.count >= suffix.count
            && memcmp(self.base + (self.count - suffix.count), suffix.base, suffix.count) == 0
    }

    /// How long the character at `index` is: 1...4 bytes, 1 where there is none.
    func characterLength(at index: Int) -> Int {
        let byte = self[index]
        if byte < 0x80 { return 1 }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
        guard byte < 0xF5, index + length <= self.count else { return 1 }
        var next = 1
        while next < length {
            if self[index + next] & 0xC0 != 0x80 { return 1 }
            next += 1
        }
        let second = length > 1 ? self[index + 1] : 0
        switch byte {
        case 0xE0: return second >= 0xA0 ? length : 1
        case 0xED: return second < 0xA0 ? length : 1  // Surrogates are no characters.
        case 0xF0: return second >= 0x90 ? length : 1
        case 0xF4: return second < 0x90 ? length : 1
        default: return length
        }
    }

    /// The character at `index`; nil where there is none.
    func scalar(at index: Int) -> Unicode.Scalar? {
        let length = self.characterLength(at: index)
        var code = UInt32(self[index])
        if length == 1 { return code < 0x80 ? Unicode.Scalar(code) : nil }
        code &= 0xFF >> UInt32(length + 1)
        for next in 1..<length { code = code << 6 | UInt32(self[index + next] & 0x3F) }
        return Unicode.Scalar(code)
    }

    var isASCII: Bool {
        var index = 0
        while index + 8 <= self.count {
            if self.word(at: index) & ByteWord.highBits != 0 { return false }
            index += 8
        }
        while index < self.count {
            if self[index] >= 0x80 { return false }
            index += 1
        }
        return true
    }

    /// How many characters there are.
    var characterCount: Int {
        if self.isASCII { return self.count }
        var count = 0
        var index = 0
        while index < self.count {
            index += self.characterLength(at: index)
            count += 1
        }
        return count
    }

    var isUTF8: Bool {
        var index = 0
        while index < self.count {
            let length = self.characterLength(at: index)
            if length == 1, self[index] >= 0x80 { return false }
            index += length
        }
        return true
    }

    /// The byte offset of the character number `character`; nil when there are fewer.
    func offset(ofCharacter character: Int) -> Int? {
        guard character >= 0 else { return nil }
        if self.isASCII { return character <= self.count ? character : nil }
        var index = 0
        var count = 0
        while count < character {
            guard index < self.count else { return nil }
            index += self.characterLength(at: index)
            count += 1
        }
        return index
    }
}
