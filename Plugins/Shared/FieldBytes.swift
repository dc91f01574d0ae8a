// Reading field values as bytes, without a copy.

extension Span where Element == UInt8 {
    /// Whether these are the bytes of `text`.
    @inlinable
    public func isEqual(to text: Span<UInt8>) -> Bool {
        guard self.count == text.count else { return false }
        for index in self.indices where self[index] != text[index] { return false }
        return true
    }

    /// Whether these are the bytes of `text`, which is in lower case, whatever the case of ASCII letters.
    @inlinable
    public func isEqual(toLowercase text: StaticString) -> Bool {
        guard self.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            for index in self.indices where self[index].asciiLowercase != text[index] { return false }
            return true
        }
    }

    /// As ``isEqual(toLowercase:)`` with bytes.
    @inlinable
    public func isEqual(toLowercase text: Span<UInt8>) -> Bool {
        guard self.count == text.count else { return false }
        for index in self.indices where self[index].asciiLowercase != text[index] { return false }
        return true
    }

    /// Whether the bytes begin with `text`, which is in lower case, whatever the case of ASCII letters.
    @inlinable
    public func hasPrefix(lowercase text: StaticString) -> Bool {
        self.count >= text.utf8CodeUnitCount
            && self.extracting(0..<text.utf8CodeUnitCount).isEqual(toLowercase: text)
    }

    /// Where the bytes are without spaces and tabs around them.
    @inlinable
    public var trimmedRange: Range<Int> {
        var (start, end) = (0, self.count)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return start..<end
    }

    /// The place of the first `byte` at or behind `start`; the count when there is none.
    @inlinable
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int {
        var index = start
        while index < self.count, self[index] != byte { index += 1 }
        return index
    }

    /// Calls `body` with each element of a comma-separated list (RFC 9110, 5.6.1), without spaces around it
    /// and without empty ones, until it returns false. Quoted commas are not known.
    @inlinable
    public func forEachElement(_ body: (Span<UInt8>) -> Bool) {
        var start = 0
        while start < self.count {
            let end = self.firstIndex(of: 0x2C, from: start)
            let part = self.extracting(start..<end)
            let range = part.trimmedRange
            if !range.isEmpty, !body(part.extracting(range)) { return }
            start = end + 1
        }
    }

    /// Whether a comma-separated list has `element`, in lower case.
    @inlinable
    public func hasElement(lowercase element: StaticString) -> Bool {
        var isFound = false
        self.forEachElement {
            isFound = $0.isEqual(toLowercase: element)
            return !isFound
        }
        return isFound
    }

    /// A whole number of at most 18 decimal digits; nil for anything else.
    @inlinable
    public var decimal: Int? {
        guard (1...18).contains(self.count) else { return nil }
        var number = 0
        for index in self.indices {
            let digit = self[index] &- 0x30
            if digit > 9 { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }
}

extension UInt8 {
    /// The small letter of an ASCII capital; other bytes are themselves.
    @inlinable
    public var asciiLowercase: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
