internal import Glibc

/// `MicroBenchmarks [--count N] [NAME...]`: nanoseconds for one time, or with `--count` just N times of the
/// work, for a profiler. `--list` prints the names.
@main
enum MicroBenchmarks {
    static let all =
        CallBenchmarks.all + CodecBenchmarks.all + HTTP2Benchmarks.all + RouteBenchmarks.all
        + ExpressionBenchmarks.all

    static func main() {
        var names = Array(CommandLine.arguments.dropFirst())
        if names == ["--list"] { return print(Self.all.map(\.name).joined(separator: "\n")) }
        var count: Int?
        if names.first == "--count", names.count >= 2 {
            guard let number = Int(names[1]), number > 0 else {
                print("`--count` must be at least 1, got \(names[1])")
                exit(2)
            }
            count = number
            names.removeFirst(2)
        }
        for name in names where !Self.all.contains(where: { $0.name == name }) {
            print("'\(name)' is not one of \(Self.all.map(\.name).joined(separator: ", "))")
            exit(2)
        }
        for benchmark in Self.all where names.isEmpty || names.contains(benchmark.name) {
            if let count {
                print("\(benchmark.name): \(benchmark.prepare()(count))")
            } else {
                let result = benchmark.measure()
                let tenths = Int(result.nanoseconds * 10)
                print("\(benchmark.name): \(tenths / 10).\(tenths % 10) ns (\(result.checksum & 0xFFFF))")
            }
        }
    }
}
