internal import Glibc
public import PosternSDK

/// Bytes of lines that are being made; grows, and is used again. For one thread at a time.
public final class LineBuffer {
    // SAFETY: `start` has room for `capacity` bytes, the first `count` of which are initialised; `room` sees
    // to it before anything is written. `date` has 20 bytes. Both are freed in deinit.
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private let date: UnsafeMutablePointer<UInt8>
    /// The second whose text is in `date`.
    private var second = Int64.min
    /// Bytes in it.
    public private(set) var count = 0

    /// An empty one.
    public init(capacity: Int = 65_536) {
        self.capacity = max(capacity, 64)
        self.start = .allocate(capacity: self.capacity)
        self.date = .allocate(capacity: 20)
        self.date.initialize(repeating: 0x30, count: 20)
    }

    deinit {
        self.start.deallocate()
        self.date.deallocate()
    }

    /// Forgets all, or what stands behind the first `count` bytes.
    public func truncate(to count: Int = 0) { self.count = min(max(count, 0), self.count) }

    /// A copy of what is in it.
    public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: self.start, count: self.count)) }

    /// Lends the bytes from `first` on.
    func withBytes<Result>(from first: Int = 0, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: self.start + first, count: self.count - first))
    }

    /// Where the next `count` bytes go; who writes fewer than these says so by `used`.
    @inline(__always)
    func room(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        if self.capacity - self.count < count { self.grow(count) }
        return self.start + self.count
    }

    /// Takes in what was written into the room.
    @inline(__always)
    func used(_ count: Int) { self.count += count }

    @inline(never)
    private func grow(_ count: Int) {
        let capacity = max(self.capacity * 2, self.count + count)
        let start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        start.update(from: self.start, count: self.count)
        self.start.deallocate()
        self.start = start
        self.capacity = capacity
    }

    /// A byte of what is in it.
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < self.count, "no such byte")
        return self.start[index]
    }

    /// Puts bytes between others.
    public func insert(_ bytes: [UInt8], at index: Int) {
        precondition(index >= 0 && index <= self.count, "no such place")
        _ = self.room(bytes.count)
        let place = self.start + index
        (place + bytes.count).update(from: place, count: self.count - index)
        place.update(from: bytes, count: bytes.count)
        self.count += bytes.count
    }

    /// Puts a backslash before each byte from `first` on that is special.
    public func insertBackslashes(from first: Int, before isSpecial: (UInt8) -> Bool) {
        precondition(first >= 0 && first <= self.count, "no such place")
        let added = (first..<self.count).reduce(0) { $0 + (isSpecial(self.start[$1]) ? 1 : 0) }
        if added == 0 { return }
        _ = self.room(added)
        // From the end, so that nothing is written over before it was moved.
        var (from, to) = (self.count, self.count + added)
        self.count = to
        while to > from {
            from -= 1
            to -= 1
            let byte = self.start[from]
            self.start[to] = byte
            if isSpecial(byte) {
                to -= 1
                self.start[to] = 0x5C
            }
        }
    }

    /// Puts the number of bytes from `index` on, and a space, before them.
    public func insertCount(at index: Int) {
        self.insert(Array("\(self.count - index) ".utf8), at: index)
    }

    /// Cuts off what makes the bytes from `first` on more than `limit`, between characters of UTF-8.
    ///
    /// - Returns: Whether something was cut off.
    public func cut(from first: Int, to limit: Int) -> Bool {
        guard self.count - first > limit else { return false }
        var end = first + limit
        while end > first, self.start[end] & 0xC0 == 0x80 { end -= 1 }
        self.count = end
        return true
    }

    // MARK: Appending

    /// Appends a byte.
    @inline(__always)
    public func append(_ byte: UInt8) {
        self.room(1).pointee = byte
        self.count += 1
    }

    /// Appends bytes as they are.
    @inline(__always)
    public func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { self.append(base, $0.count) } }
    }

    /// Appends bytes as they are.
    public func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { self.append(base, $0.count) } }
    }

    /// Appends text as it is.
    public func append(_ text: StaticString) { self.append(text.utf8Start, text.utf8CodeUnitCount) }

    /// Appends text as it is; for what happens seldom.
    public func append(text: String) { self.append(Array(text.utf8)) }

    @inline(__always)
    func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        let place = self.room(count)
        if count >= 8, count <= 16 {
            // Two words that may overlap: most names and values are that short.
            let from = UnsafeRawPointer(bytes)
            let to = UnsafeMutableRawPointer(place)
            let last = from.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
            to.storeBytes(of: last, toByteOffset: count - 8, as: UInt64.self)
        } else if count < 8 {
            for index in 0..<count { place[index] = bytes[index] }
        } else {
            place.update(from: bytes, count: count)
        }
        self.count += count
    }

    /// Appends a number in decimal.
    public func append(number: Int64) {
        if number < 0 { self.append(0x2D) }
        var rest = number.magnitude
        var digits = rest < 10 ? 1 : rest < 100 ? 2 : 3
        var bound: UInt64 = 1000
        while digits > 2, rest >= bound {
            digits += 1
            let next = bound.multipliedReportingOverflow(by: 10)
            if next.overflow { break }
            bound = next.partialValue
        }
        let place = self.room(digits)
        var index = digits
        repeat {
            index -= 1
            place[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        } while index > 0
        self.count += digits
    }

    /// Appends a moment, `2026-11-26T07:00:00.123Z`; those of one second cost little.
    public func append(_ moment: Timestamp) {
        var (second, fraction) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if fraction < 0 {
            second -= 1
            fraction += 1_000_000_000
        }
        let place = self.room(24)
        if second != self.second {
            var text: [UInt8] = []
            // Of the moment itself: the first second that nanoseconds can tell begins before them.
            moment.append(to: &text, fractionDigits: 0)
            // A year of five digits does not fit, and cannot be: nanoseconds end in 2262.
            self.date.update(from: text, count: min(text.count, 20))
            self.date[19] = 0x2E
            self.second = second
        }
        place.update(from: self.date, count: 20)
        let milliseconds = Int(fraction / 1_000_000)
        place[20] = UInt8(0x30 + milliseconds / 100)
        place[21] = UInt8(0x30 + milliseconds / 10 % 10)
        place[22] = UInt8(0x30 + milliseconds % 10)
        place[23] = 0x5A
        self.count += 24
    }
}
