import Primitives
import SharedStore
import Testing

@Suite struct SharedBucketsTests {
    let shared = SharedBuckets(grace: .seconds(10))

    func at(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    func buckets(_ name: String = "a", capacity: UInt64 = 1) -> TokenBuckets? {
        self.shared.buckets(name: name, capacity: capacity, interval: .seconds(1), keys: 10)
    }

    @Test("The same name and parameters give the same set, others another")
    func same() throws {
        let first = try #require(self.buckets())
        #expect(self.buckets() === first)
        #expect(self.buckets("b") !== first)
        #expect(self.buckets(capacity: 2) !== first)
        #expect(self.buckets(capacity: 0) == nil)
        #expect(self.shared.count == 3)
    }

    @Test(
        "A set that is held stays; a loose one goes after the grace time, but not if asked for again"
    )
    func sweep() throws {
        let held = try #require(self.buckets("held"))
        _ = self.buckets("loose")
        self.shared.sweep(self.at(0))
        self.shared.sweep(self.at(9))
        #expect(self.shared.count == 2)
        _ = self.buckets("loose")
        self.shared.sweep(self.at(11))
        self.shared.sweep(self.at(20))
        #expect(self.shared.count == 2)
        self.shared.sweep(self.at(21))
        #expect(self.shared.count == 1)
        #expect(self.buckets("held") === held)
    }

    @Test("Time in use does not count as unused")
    func reuse() throws {
        _ = self.buckets()
        self.shared.sweep(self.at(0))
        let held = self.buckets()
        self.shared.sweep(self.at(100))
        withExtendedLifetime(held) {}
        #expect(self.shared.count == 1)
    }
}
