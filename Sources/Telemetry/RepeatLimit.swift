/// Holds back a line that comes again and again: of the same module and message, ``most`` a second pass.
///
/// Remembers a fixed number of lines; a new one may push out another, which is then counted afresh.
struct RepeatLimit {
    /// What to do with a line.
    enum Verdict: Equatable {
        /// Write it; before it, `held` like it were held back.
        case write(held: Int)
        case hold
    }

    private struct Entry {
        var hash = 0
        var windowStart: UInt64 = 0
        var written = 0
        var held = 0
    }
    private var entries: [Entry] = []

    /// Lines alike that pass in one second.
    static let most = 10
    private static let slots = 64
    private static let window: UInt64 = 1_000_000_000

    /// - Parameter now: Monotonic nanoseconds.
    mutating func admit(_ module: String, _ message: String, now: UInt64) -> Verdict {
        if self.entries.isEmpty { self.entries = Array(repeating: Entry(), count: Self.slots) }
        var hasher = Hasher()
        hasher.combine(module)
        hasher.combine(message)
        let hash = hasher.finalize()
        let slot = Int(UInt(bitPattern: hash) % UInt(Self.slots))
        if self.entries[slot].hash != hash { self.entries[slot] = Entry(hash: hash, windowStart: now) }
        var held = 0
        if now >= self.entries[slot].windowStart + Self.window {
            held = self.entries[slot].held
            self.entries[slot] = Entry(hash: hash, windowStart: now)
        }
        guard self.entries[slot].written < Self.most else {
            self.entries[slot].held += 1
            return .hold
        }
        self.entries[slot].written += 1
        return .write(held: held)
    }
}
