internal import COpenSSL
internal import Foundation
internal import Primitives
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct TLSMemoryTests {
    /// Blocks that one thread has taken and another is to give back.
    private final class Letters: @unchecked Sendable {
        // SAFETY: behind the lock.
        private let lock = NSLock()
        private var blocks: [UnsafeMutableRawPointer] = []

        func put(_ block: UnsafeMutableRawPointer) { self.lock.withLock { self.blocks.append(block) } }
        func take() -> UnsafeMutableRawPointer? { self.lock.withLock { self.blocks.popLast() } }
    }

    @Test("A block is as large as was asked, aligned, nobody else's, and keeps its bytes when it grows")
    func blocks() throws {
        try #require(postern_memory_begin())
        var live: [(start: UnsafeMutableRawPointer, size: Int, mark: UInt8)] = []
        for round in 0..<3 {
            for size in [1, 15, 16, 17, 24, 100, 1023, 1024, 1025, 1280, 1281, 4096, 16_709, 21_848, 32_768]
                + [
                    32_769, 40_000, 100_000,
                ]
            {
                for copy in 0..<10 {
                    let start = try #require(postern_memory_take(size))
                    #expect(UInt(bitPattern: start) % 16 == 0)
                    let mark = UInt8(truncatingIfNeeded: live.count &* 31 &+ round &+ copy)
                    memset(start, Int32(mark), size)
                    live.append((start, size, mark))
                }
            }
            for index in live.indices where index % 3 == round {
                let (start, size, mark) = live[index]
                let longer = index % 2 == 0 ? size * 2 + 5 : max(size / 3, 1)
                let moved = try #require(postern_memory_resize(start, longer))
                #expect(self.holds(moved, min(size, longer), mark))
                memset(moved, Int32(mark), longer)
                live[index] = (moved, longer, mark)
            }
            #expect(live.allSatisfy { self.holds($0.start, $0.size, $0.mark) })
            for block in live.suffix(live.count / 2) { postern_memory_give(block.start) }
            live.removeLast(live.count / 2)
        }
        for block in live { postern_memory_give(block.start) }
        #expect(postern_memory_take(0) == nil)
        postern_memory_give(nil)
    }

    private func holds(_ start: UnsafeMutableRawPointer, _ count: Int, _ mark: UInt8) -> Bool {
        UnsafeRawBufferPointer(start: start, count: count).allSatisfy { $0 == mark }
    }

    @Test("What was given back is what comes next", arguments: [40, 1000, 6000, 21_848])
    func reuse(size: Int) throws {
        try #require(postern_memory_begin())
        let first = try #require(postern_memory_take(size))
        postern_memory_give(first)
        let second = try #require(postern_memory_take(size))
        #expect(first == second)
        postern_memory_give(second)
    }

    @Test("Blocks that one thread takes and another gives back come round, also when threads end")
    func exchange() throws {
        try #require(postern_memory_begin())
        var seen: Set<UnsafeMutableRawPointer> = []
        for _ in 0..<40 {
            let letters = Letters()
            for _ in 0..<1000 {
                let block = try #require(postern_memory_take(200))
                memset(block, 7, 200)
                seen.insert(block)
                letters.put(block)
            }
            let thread = Thread { while let block = letters.take() { postern_memory_give(block) } }
            thread.start()
            eventually { thread.isFinished }
        }
        // 1,000 at a time, and what threads and pages hold besides.
        #expect(seen.count < 3000)
    }
}
