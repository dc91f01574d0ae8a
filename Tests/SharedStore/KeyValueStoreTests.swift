import Primitives
import SharedStore
import Testing

@Suite struct KeyValueStoreTests {
    let store = KeyValueStore(capacity: .kibibytes(64))
    let start = MonotonicTime(nanoseconds: 1_000)

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("A value is there until it is removed or its lifetime is over")
    func lifetime() {
        let key = self.bytes("k")
        #expect(self.store.get(key, now: self.start) == nil)
        let isSet = self.store.set(key, self.bytes("v"), lifetime: 100, now: self.start)
        #expect(isSet)
        #expect(self.store.get(key, now: self.start.advanced(byNanoseconds: 99)) == self.bytes("v"))
        #expect(self.store.get(key, now: self.start.advanced(byNanoseconds: 100)) == nil)
        _ = self.store.set(key, self.bytes("w"), lifetime: 0, now: self.start)
        let later = MonotonicTime(nanoseconds: .max - 1)
        #expect(self.store.get(key, now: later) == self.bytes("w"))
        let wasThere = self.store.remove(key, now: later)
        let isThere = self.store.remove(key, now: later)
        #expect(wasThere && !isThere)
    }

    @Test("compareAndSet changes only what it was shown")
    func compareAndSet() {
        let key = self.bytes("k")
        func change(_ expected: String?, _ value: String) -> Bool {
            self.store.compareAndSet(
                key, expected: expected.map(self.bytes), self.bytes(value), lifetime: 0, now: self.start)
        }
        let results = [change("a", "b"), change(nil, "a"), change(nil, "c"), change("a", "b")]
        #expect(results == [false, true, false, true])
        #expect(self.store.get(key, now: self.start) == self.bytes("b"))
    }

    @Test("increment counts from 0, keeps the first lifetime, and refuses texts and overflow")
    func increment() {
        let key = self.bytes("n")
        func add(_ amount: Int64, at nanoseconds: UInt64) -> Int64? {
            self.store.increment(
                key, by: amount, lifetime: 100, now: self.start.advanced(byNanoseconds: nanoseconds))
        }
        #expect(add(2, at: 0) == 2)
        #expect(add(-5, at: 60) == -3)
        #expect(add(1, at: 110) == 1, "the first lifetime was over")
        #expect(add(.max, at: 111) == nil)
        _ = self.store.set(key, self.bytes("text"), lifetime: 0, now: self.start)
        #expect(add(1, at: 0) == nil)
        #expect(self.store.get(key, now: self.start) == self.bytes("text"))
    }

    @Test("The room is never exceeded, and what is in use outlives what is not")
    func room() {
        let hot = self.bytes("hot")
        _ = self.store.set(hot, [1], lifetime: 0, now: self.start)
        for number in 0..<10_000 {
            _ = self.store.set(self.bytes("cold \(number)"), [0], lifetime: 0, now: self.start)
            let value = self.store.get(hot, now: self.start)
            #expect(value == [1])
        }
        #expect(self.store.usage.bytes <= 64 << 10)
        #expect(self.store.usage.entries > 100)
        let isTooLarge = !self.store.set(hot, Array(repeating: 0, count: 2048), lifetime: 0, now: self.start)
        #expect(isTooLarge)
    }

    @Test("Many threads count without losing a step")
    func threads() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1000 {
                        _ = self.store.increment([0x6E], by: 1, lifetime: 0, now: self.start)
                    }
                }
            }
        }
        #expect(self.store.get([0x6E], now: self.start) == self.bytes("4000"))
    }
}
