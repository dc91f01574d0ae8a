import Foundation
import Primitives
@testable import SharedStore
import Synchronization
import Testing

@Suite struct TokenBucketsTests {
    func at(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: 1_000_000 + nanoseconds) }

    func take(_ buckets: TokenBuckets, _ tokens: UInt64 = 1, _ key: String = "k", at now: UInt64)
        -> TokenAnswer
    {
        key.withByteView { buckets.take(tokens, key: $0, now: self.at(now)) }
    }

    @Test("A bucket begins full, empties, and says when the next token comes")
    func empties() throws {
        let buckets = try #require(TokenBuckets(capacity: 2, interval: .nanoseconds(1000), keys: 10))
        #expect(
            self.take(buckets, at: 0) == TokenAnswer(isAllowed: true, remaining: 1, retryAfter: 0, reset: 500)
        )
        #expect(
            self.take(buckets, at: 0)
                == TokenAnswer(isAllowed: true, remaining: 0, retryAfter: 0, reset: 1000))
        #expect(
            self.take(buckets, at: 100)
                == TokenAnswer(isAllowed: false, remaining: 0, retryAfter: 400, reset: 900))
        #expect(!self.take(buckets, at: 499).isAllowed)
        #expect(self.take(buckets, at: 500).isAllowed)
        #expect(!self.take(buckets, at: 501).isAllowed)
    }

    @Test("What is refused takes nothing, and more than a full bucket is never allowed")
    func allOrNone() throws {
        let buckets = try #require(TokenBuckets(capacity: 5, interval: .nanoseconds(1000), keys: 10))
        let tooMuch = self.take(buckets, 6, at: 0)
        #expect(tooMuch == TokenAnswer(isAllowed: false, remaining: 5, retryAfter: .max, reset: 0))
        #expect(self.take(buckets, 3, at: 0).isAllowed)
        #expect(self.take(buckets, 3, at: 0).retryAfter == 200)
        #expect(self.take(buckets, 2, at: 0).isAllowed)
        #expect(self.take(buckets, .max, at: 0).retryAfter == .max)
    }

    @Test("Nothing is lost to rounding: three tokens a second for 500 s, asked every 7 ms")
    func exact() throws {
        let buckets = try #require(TokenBuckets(capacity: 3, interval: .seconds(1), keys: 10))
        var allowed: UInt64 = 0
        var now: UInt64 = 0
        while now < 500_000_000_000 {
            if self.take(buckets, at: now).isAllowed { allowed += 1 }
            now += 7_000_000
        }
        let last = now - 7_000_000
        #expect(allowed == 3 + last * 3 / 1_000_000_000)
    }

    @Test("A full bucket gains nothing by waiting, and a clock that seems to run backwards gives nothing")
    func bounds() throws {
        let buckets = try #require(TokenBuckets(capacity: 2, interval: .nanoseconds(1000), keys: 10))
        #expect(self.take(buckets, at: 0).isAllowed)
        #expect(self.take(buckets, 2, at: .max / 2).isAllowed)
        #expect(!self.take(buckets, at: .max / 2).isAllowed)
        #expect(!self.take(buckets, at: 0).isAllowed)
        #expect(!self.take(buckets, at: .max / 2 + 499).isAllowed)
        #expect(self.take(buckets, at: .max / 2 + 500).isAllowed)
    }

    @Test("Keys have buckets of their own")
    func keys() throws {
        let buckets = try #require(TokenBuckets(capacity: 1, interval: .seconds(1), keys: 1000))
        let first = (0..<1000).filter { self.take(buckets, 1, "key \($0)", at: 0).isAllowed }
        let second = (0..<1000).filter { self.take(buckets, 1, "key \($0)", at: 1).isAllowed }
        #expect(first.count == 1000)
        #expect(second.count <= 5)
        #expect(self.take(buckets, 1, "", at: 0).isAllowed)
    }

    @Test("A flood of new keys does not make Postern forget a bucket that is empty")
    func flood() throws {
        let buckets = try #require(TokenBuckets(capacity: 100, interval: .seconds(3600), keys: 100))
        #expect(self.take(buckets, 100, "victim", at: 0).isAllowed)
        for number in 0..<100_000 { _ = self.take(buckets, 1, "flood \(number)", at: UInt64(number)) }
        #expect(!self.take(buckets, 1, "victim", at: 100_000).isAllowed)
    }

    @Test("Buckets that have filled up again make room first")
    func fullOnesGoFirst() throws {
        let buckets = try #require(TokenBuckets(capacity: 10, interval: .nanoseconds(1000), keys: 16))
        for number in 0..<1000 { _ = self.take(buckets, 9, "old \(number)", at: 0) }
        let late: UInt64 = 1_000_000
        let keys = (0..<8).map { "new \($0)" }
        for key in keys { #expect(self.take(buckets, 10, key, at: late).isAllowed) }
        for key in keys { #expect(!self.take(buckets, 10, key, at: late).isAllowed) }
    }

    @Test(
        "Refuses parameters out of range",
        arguments: [
            (0, .seconds(1), 1), (1, .zero, 1), (1, .seconds(-1), 1), (1, .seconds(1), 0),
            (1, .seconds(1), 1 << 25),
            (.max, .seconds(1), 1), (1_000_000_007, .seconds(100_000), 1),
        ] as [(UInt64, Duration, Int)])
    func ranges(_ parameters: (UInt64, Duration, Int)) {
        #expect(TokenBuckets(capacity: parameters.0, interval: parameters.1, keys: parameters.2) == nil)
    }

    @Test("Over all threads, exactly the capacity and what the time brings is allowed")
    func concurrent() throws {
        let buckets = try #require(TokenBuckets(capacity: 1000, interval: .nanoseconds(1_000_000), keys: 64))
        let clock = Atomic<UInt64>(0)
        let allowed = Atomic<UInt64>(0)
        let last: UInt64 = 3_000_000
        let group = DispatchGroup()
        for _ in 0..<4 {
            group.enter()
            Thread.detachNewThread {
                while true {
                    // All threads move one clock, in steps shorter than a token's time.
                    let now = min(clock.wrappingAdd(37, ordering: .relaxed).newValue, last)
                    if self.take(buckets, 1, "k", at: now).isAllowed {
                        allowed.wrappingAdd(1, ordering: .relaxed)
                    }
                    if now == last { break }
                }
                group.leave()
            }
        }
        group.wait()
        while self.take(buckets, 1, "k", at: last).isAllowed { allowed.wrappingAdd(1, ordering: .relaxed) }
        #expect(allowed.load(ordering: .relaxed) <= 1000 + 3000)
        #expect(allowed.load(ordering: .relaxed) >= 3990)
        #expect(self.take(buckets, 1, "k", at: last + 1000).isAllowed)
        #expect(!self.take(buckets, 1, "k", at: last + 1000).isAllowed)
    }

    @Test("Many threads at one moment get the capacity, not one token more or less")
    func exactAtOneMoment() throws {
        let buckets = try #require(TokenBuckets(capacity: 10_000, interval: .seconds(1), keys: 64))
        let allowed = Atomic<Int>(0)
        let group = DispatchGroup()
        for _ in 0..<4 {
            group.enter()
            Thread.detachNewThread {
                for number in 0..<20_000 where self.take(buckets, 1, "k\(number % 4)", at: 0).isAllowed {
                    allowed.wrappingAdd(1, ordering: .relaxed)
                }
                group.leave()
            }
        }
        group.wait()
        #expect(allowed.load(ordering: .relaxed) == 4 * 10_000)
    }
}
