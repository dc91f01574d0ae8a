import Primitives
import Testing

@Suite struct MonotonicTimeTests {
    @Test("A moment that lies before counts as no time")
    func since() {
        let early = MonotonicTime(nanoseconds: 100)
        let late = early.advanced(by: .microseconds(2))
        #expect(late.since(early) == 2000)
        #expect(early.since(late) == 0)
        #expect(early < late)
    }

    @Test("The clock does not go back")
    func now() {
        let first = MonotonicTime.now()
        #expect(!(MonotonicTime.now() < first))
        #expect(WallTime.now().nanosecondsSinceEpoch > 1_700_000_000_000_000_000)
    }

    @Test(
        "A duration in nanoseconds is clamped to what fits",
        arguments: [
            (Duration.seconds(-1), 0 as UInt64), (.zero, 0), (.milliseconds(1500), 1_500_000_000),
            (.nanoseconds(1), 1),
            (.seconds(Int64.max), UInt64.max),
        ] as [(Duration, UInt64)]
    )
    func nanoseconds(duration: Duration, expected: UInt64) { #expect(duration.nanoseconds == expected) }
}
