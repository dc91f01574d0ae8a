import Foundation
import Primitives
import Synchronization
import Testing

@testable import Telemetry

@Suite struct RecordRingTests {
    func record(_ number: Int, length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: number &+ $0) }
    }

    @Test("Records of all lengths come out whole and in order, over many turns of the ring")
    func order() {
        let ring = RecordRing(capacity: .bytes(4096))
        var expected: [[UInt8]] = []
        var seen: [[UInt8]] = []
        for number in 0..<3000 {
            let bytes = self.record(number, length: number * 7 % 700)
            if !bytes.withByteView({ ring.append($0) }) {
                ring.drain { seen.append($0.bytes) }
                #expect(bytes.withByteView { ring.append($0) })
            }
            expected.append(bytes)
        }
        ring.drain { seen.append($0.bytes) }
        #expect(seen == expected)
    }

    @Test("A full ring refuses, and takes again after a drain")
    func full() {
        let ring = RecordRing(capacity: .bytes(4096))
        let bytes = self.record(0, length: 1000)
        var taken = 0
        while bytes.withByteView({ ring.append($0) }) { taken += 1 }
        #expect(taken == 4)
        #expect(ring.drain { _ in } == 4)
        #expect(bytes.withByteView { ring.append($0) })
        let tooLong = self.record(0, length: 2048)
        #expect(!tooLong.withByteView { ring.append($0) })
    }

    @Test("A drain with a limit leaves the rest")
    func drainLimit() {
        let ring = RecordRing(capacity: .bytes(4096))
        for number in 0..<10 { #expect(self.record(number, length: 100).withByteView { ring.append($0) }) }
        #expect(ring.drain(limit: 250) { _ in } == 3)
        #expect(ring.drain { _ in } == 7)
    }

    @Test("Wakes its reader once when half full, and again after a drain")
    func wakes() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        func woken() -> Int {
            var bytes = [UInt8](repeating: 0, count: 256)
            return max(0, read(ends[0], &bytes, 256)) / 8
        }
        let ring = RecordRing(capacity: .bytes(4096), wakeDescriptor: ends[1])
        let bytes = self.record(0, length: 500)
        for _ in 0..<4 { _ = bytes.withByteView { ring.append($0) } }
        #expect(woken() == 0)
        for _ in 0..<3 { _ = bytes.withByteView { ring.append($0) } }
        #expect(woken() == 1)
        ring.drain { _ in }
        for _ in 0..<7 { _ = bytes.withByteView { ring.append($0) } }
        #expect(woken() == 1)
    }

    @Test("With a producer and a consumer at once, every record is either refused or read, in order")
    func concurrent() {
        let ring = RecordRing(capacity: .bytes(8192))
        let refused = Atomic<Int>(0)
        let isDone = Atomic<Bool>(false)
        let read = Atomic<Int>(0)
        let broken = Atomic<Int>(0)
        let count = 200_000
        onThreads(2) { thread in
            if thread == 0 {
                for number in 0..<count {
                    let length = 8 + number % 200
                    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, used in
                        buffer.initialize(repeating: UInt8(truncatingIfNeeded: number))
                        UnsafeMutableRawBufferPointer(buffer).storeBytes(of: number, as: Int.self)
                        used = length
                    }
                    if !bytes.withByteView({ ring.append($0) }) { refused.wrappingAdd(1, ordering: .relaxed) }
                }
                isDone.store(true, ordering: .releasing)
                return
            }
            var last = -1
            var isLast = false
            while !isLast {
                isLast = isDone.load(ordering: .acquiring)
                ring.drain { bytes in
                    let number = Int(bytes.word(at: 0))
                    let rest = bytes.dropFirst(8).bytes
                    if number <= last || bytes.count != 8 + number % 200
                        || rest.contains(where: { $0 != UInt8(truncatingIfNeeded: number) })
                    {
                        broken.wrappingAdd(1, ordering: .relaxed)
                    }
                    last = number
                    read.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(broken.load(ordering: .relaxed) == 0)
        #expect(read.load(ordering: .relaxed) + refused.load(ordering: .relaxed) == count)
        #expect(read.load(ordering: .relaxed) > 0)
    }
}
