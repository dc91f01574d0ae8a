import Testing

@testable import HTTPCodec

@Suite struct HTTP2StreamTableTests {
    @Test("Finds the streams that are open and no others, however their numbers collide", arguments: 1..<20)
    func random(seed: UInt64) {
        var random = HPACKRandom(seed)
        var table = HTTP2StreamTable()
        var open: [UInt32: HTTP2Stream] = [:]
        var next: UInt32 = 1
        for _ in 0..<3000 {
            // Few that stay long beside many that do not, so that numbers far apart meet.
            if open.count < random.next(64) || open.isEmpty {
                let stream = HTTP2Stream()
                stream.id = next
                next += random.next(8) == 0 ? 2 * UInt32(random.next(200) + 1) : 2
                table.insert(stream)
                open[stream.id] = stream
            } else if let id = open.keys.sorted().dropFirst(random.next(open.count)).first {
                #expect(table.remove(id) === open[id])
                open[id] = nil
                #expect(table.remove(id) == nil)
            }
            #expect(table.count == open.count)
            let wrong = open.filter { table.find($0.key) !== $0.value }
            #expect(wrong.isEmpty)
            #expect(table.find(next) == nil)
        }
        #expect(Set(table.all().map(\.id)) == Set(open.keys))
    }
}
