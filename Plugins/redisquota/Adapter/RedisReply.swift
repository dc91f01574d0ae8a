/// What Redis answers (RESP 2).
enum RedisReply: Equatable, Sendable {
    case status(String)
    case error(String)
    case integer(Int64)
    case bytes([UInt8]?)
    case array([RedisReply])

    /// A reply at the beginning of `bytes`, and how long it is; nil while it is not whole.
    ///
    /// - Throws: ``RedisProblem`` for what is none.
    static func parse(
        _ bytes: [UInt8], at start: Int = 0, depth: Int = 0
    ) throws(RedisProblem) -> (reply: RedisReply, end: Int)? {
        guard let line = bytes[start...].firstIndex(of: 0x0A) else {
            if bytes.count - start > 64 << 10 { throw RedisProblem(message: "it does not speak RESP") }
            return nil
        }
        guard line > start, bytes[line - 1] == 0x0D else {
            throw RedisProblem(message: "it does not speak RESP")
        }
        let text = String(decoding: bytes[(start + 1)..<(line - 1)], as: UTF8.self)
        switch bytes[start] {
        case 0x2B: return (.status(text), line + 1)
        case 0x2D: return (.error(text), line + 1)
        case 0x3A:
            guard let number = Int64(text) else { break }
            return (.integer(number), line + 1)
        case 0x24:
            guard let count = Int(text), (-1...1 << 20).contains(count) else { break }
            if count < 0 { return (.bytes(nil), line + 1) }
            let end = line + 1 + count
            guard bytes.count >= end + 2 else { return nil }
            return (.bytes(Array(bytes[(line + 1)..<end])), end + 2)
        case 0x2A:
            guard let count = Int(text), (0...1024).contains(count), depth < 8 else { break }
            var items: [RedisReply] = []
            var next = line + 1
            for _ in 0..<count {
                guard let item = try self.parse(bytes, at: next, depth: depth + 1) else { return nil }
                items.append(item.reply)
                next = item.end
            }
            return (.array(items), next)
        default: break
        }
        throw RedisProblem(message: "it does not speak RESP")
    }
}

/// Redis said no, or nonsense.
struct RedisProblem: Error, CustomStringConvertible {
    let message: String
    var description: String { "Redis: \(self.message)" }
}
