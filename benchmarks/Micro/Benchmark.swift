internal import Glibc

/// A function to be measured.
struct Benchmark: Sendable {
    /// `[a-z0-9-]+`, also in benchmarks/instructions.txt.
    let name: String
    /// Sets up, and returns what does the work so many times. What that returns depends on all of the work,
    /// so that none is optimised away.
    let prepare: @Sendable () -> (Int) -> UInt64

    /// Nanoseconds for one time: the best of five runs of about 50 ms.
    func measure() -> (nanoseconds: Double, checksum: UInt64) {
        let run = self.prepare()
        var iterations = 64
        var best = Double.infinity
        var checksum: UInt64 = 0
        while Self.time(run, iterations, &checksum) < 0.05 { iterations *= 2 }
        for _ in 0..<5 { best = min(best, Self.time(run, iterations, &checksum)) }
        return (best / Double(iterations) * 1e9, checksum)
    }

    private static func time(
        _ run: (Int) -> UInt64, _ iterations: Int, _ checksum: inout UInt64
    ) -> Double {
        var start = timespec()
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &start)
        checksum &+= run(iterations)
        clock_gettime(CLOCK_MONOTONIC, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9
    }
}
