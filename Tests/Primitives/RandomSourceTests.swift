import Primitives
import Testing

@Suite struct RandomSourceTests {
    @Test("Gives the reference numbers of xoshiro256++")
    func reference() {
        var source = RandomSource(seed: (1, 2, 3, 4))
        // From the authors' C program with the same state.
        #expect(
            [source.next(), source.next(), source.next()] == [41_943_041, 58_720_359, 3_588_806_011_781_223])
    }

    @Test("Two sources seeded by the system differ")
    func seeds() {
        var one = RandomSource()
        var other = RandomSource()
        #expect(one.next() != other.next())
    }
}
