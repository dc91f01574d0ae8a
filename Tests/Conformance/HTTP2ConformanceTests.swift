import Foundation
import TestSupport
import Testing

/// The cases of RFC 9113, RFC 7541 and RFC 8441 that `Tests/Conformance/http2` sends as raw frames.
///
/// `docs/conformance/http2.md` lists them; the attacks are run by `make conformance` alone.
@Suite(.ownThread, .serialized) struct HTTP2ConformanceTests {
    /// What the suite prints.
    private struct Report: Decodable {
        /// Cases run, by suite.
        let counts: [String: Int]
        /// Suite, case and what was seen of each that failed.
        let failures: [[String]]
    }

    @Test(
        "Every case has the outcome that its section demands",
        arguments: [("h2c", 370), ("tls", 370), ("service", 160), ("tls-service", 160)])
    func cases(suite: String, least: Int) throws {
        let program = Binaries.checkout.appendingPathComponent("Tests/Conformance/http2/run").path
        let place = Binaries.dist.map { ["--dist", $0.path] } ?? ["--build", Binaries.testFolder]
        // What follows waits only when a case fails.
        let command = try Command(
            program, place + ["--suite", suite, "--json", "--timeout", "10"], within: 600)
        let last = command.output.split(separator: "\n").last ?? ""
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(last.utf8)) else {
            Issue.record("\(suite): \(command.output.suffix(4000))")
            return
        }
        #expect(report.counts[suite] ?? 0 >= least)
        for failure in report.failures { Issue.record("\(failure.joined(separator: " "))") }
        #expect(command.ending == .exited(0))
    }
}
