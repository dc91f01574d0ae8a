import PluginSupport
import Testing

@Suite struct ClocksTests {
    @Test(
        "A duration in nanoseconds is the most, or the least, that fits when it is longer",
        arguments: [
            (Duration.milliseconds(1500), Int64(1_500_000_000)), (.zero, 0),
            (.seconds(9_223_372_036) + .milliseconds(854), 9_223_372_036_854_000_000),
            (.seconds(9_223_372_036) + .milliseconds(900), .max), (.seconds(Int64.max), .max),
            (.seconds(-9_223_372_036) - .milliseconds(900), .min), (.seconds(-10_000_000_000), .min),
        ])
    func nanoseconds(_ duration: Duration, _ nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }
}
