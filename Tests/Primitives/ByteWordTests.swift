import Primitives
import Testing

@Suite struct ByteWordTests {
    /// Every byte in every place, beside a neighbour that could carry into it.
    private func check(_ mask: (UInt64) -> UInt64, _ expected: (UInt8) -> Bool) {
        for byte in UInt8.min...UInt8.max {
            for neighbour in [0x00, 0x1F, 0x20, 0x3A, 0x7F, 0x80, 0xFF] as [UInt8] {
                for place in 0..<8 {
                    var bytes = [UInt8](repeating: neighbour, count: 8)
                    bytes[place] = byte
                    let found = mask(bytes.withByteView { $0.word(at: 0) })
                    for (index, each) in bytes.enumerated()
                    where (found >> (UInt64(index) * 8) & 0xFF == 0x80) != expected(each) {
                        Issue.record("byte \(each) at \(index) of \(bytes)")
                        return
                    }
                }
            }
        }
    }

    @Test("Finds a byte, and no other, in every place")
    func equal() {
        self.check({ ByteWord.equal($0, 0x3A) }) { $0 == 0x3A }
        self.check({ ByteWord.equal($0, 0x7F) }) { $0 == 0x7F }
    }

    @Test("Finds control characters and nothing above ASCII")
    func controls() { self.check(ByteWord.controls) { $0 < 0x20 || $0 == 0x7F } }

    @Test("Finds ASCII below a bound")
    func below() { self.check({ ByteWord.below($0, 0x21) }) { $0 < 0x21 } }

    @Test("Takes letters, digits, dash and dot for simple, nothing else")
    func simple() {
        self.check(ByteWord.notSimple) { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != 0x2D && byte != 0x2E
        }
    }

    @Test("Folds capitals and leaves every other byte")
    func lowercase() {
        for byte in UInt8.min...UInt8.max {
            let folded = ByteWord.lowercase(ByteWord.repeating(byte))
            #expect(folded == ByteWord.repeating(asciiLowercase(byte)))
        }
    }

    @Test("The first match is the one that comes first in memory")
    func first() {
        let word = ByteView("abc:e:gh").word(at: 0)
        #expect(ByteWord.first(ByteWord.equal(word, UInt8(ascii: ":"))) == 3)
    }
}
