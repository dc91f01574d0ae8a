/// Fields as a connection has them: names and values that come again, and some that never do.
struct HPACKRandom {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    private static let names = [
        ":authority", ":path", ":method", ":status", ":scheme", "accept", "accept-encoding", "range", "te",
        "content-length", "content-type", "date", "user-agent", "x-a", "x-long-name-of-our-own", "via",
        "set-cookie", "x", "x-request-id", "www-authenticate",
    ]

    mutating func next(_ bound: Int) -> Int {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return Int(self.state >> 33) % bound
    }

    mutating func field() -> HPACKPair {
        let name = Self.names[self.next(Self.names.count)]
        let value: [UInt8]
        switch self.next(8) {
        case 0: value = (0..<self.next(60)).map { _ in UInt8(self.next(256)) }
        case 1: value = [UInt8](repeating: UInt8(self.next(256)), count: self.next(700))
        case 2: value = Array("gzip, deflate".utf8)
        case 3: value = []
        default: value = Array("value-\(self.next(6))-of-\(name)".utf8)
        }
        return HPACKPair(Array(name.utf8), value, isNeverIndexed: self.next(10) == 0)
    }
}
