import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `examples/logging-backends`, as its README says to run it.
    @Suite(.enabled(if: Binaries.dist != nil, "dev/test names the release tree"))
    struct LoggingBackendsTests {
        private func run(_ folder: TemporaryFolder, _ arguments: [String]) throws -> Command {
            let dist = try #require(Binaries.dist)
            let script = Binaries.checkout.appendingPathComponent("examples/logging-backends/run").path
            return try Command(
                "env",
                [
                    "TMPDIR=\(folder.url.path)", script, "--postern",
                    dist.appendingPathComponent("bin/postern").path,
                ] + arguments, within: 180)
        }

        @Test("Every backend shows every request, and nothing is left behind")
        func shows() throws {
            let folder = try TemporaryFolder()
            let command = try self.run(folder, ["--requests", "25"])
            #expect(command.ending == .exited(0), "\(command.output)")
            let backends = [
                "file", "rsyslog", "fluentd", "collector, logs", "collector, spans", "postgres", "nats",
                "prometheus, metrics",
            ]
            let lines = command.output.split(separator: "\n").filter { $0.contains(" 25 of 25") }
            #expect(lines.count == backends.count, "\(command.output)")
            for (line, backend) in zip(lines, backends) { #expect(line.hasPrefix("\(backend) ")) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        }
    }
}
