internal import Glibc

/// What the process takes of the machine's memory, in bytes, as the kernel counts it
/// (`/proc/self/smaps_rollup`).
struct ProcessMemory {
    var resident = 0
    /// Pages that were written to: no other process shares them, and they cannot be dropped.
    var privateBytes = 0

    static func current() -> ProcessMemory {
        var memory = ProcessMemory()
        guard let file = fopen("/proc/self/smaps_rollup", "re") else { return memory }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, let kibibytes = Int(words[1]) else { continue }
            switch words[0] {
            case "Rss:": memory.resident = kibibytes * 1024
            case "Private_Dirty:": memory.privateBytes += kibibytes * 1024
            default: continue
            }
        }
        return memory
    }
}
