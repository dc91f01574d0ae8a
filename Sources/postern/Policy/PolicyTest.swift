internal import ArgumentParser
internal import Foundation
internal import LuaHost

/// `postern policy test`: runs the tests beside scripts.
struct PolicyTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests of scripts, offline.",
        discussion: """
            NAME_test.lua tests NAME.lua beside it; docs/reference/policy-tests.md says what a test can call.
            Exits with 0 when all pass, 1 when one fails, 2 when there are none or a folder cannot be read.
            """
    )

    @Argument(help: "Folders, looked through with all below, or test files.", completion: .file())
    var paths: [String] = ["."]

    @Flag(help: "Only failures and the sum.")
    var quiet = false

    func run() throws {
        var files: [String] = []
        do {
            for path in self.paths { files += try PolicyTests.files(at: path) }
        } catch {
            FileHandle.standardError.write(Data("postern: \(error)\n".utf8))
            throw ExitCode(2)
        }
        guard !files.isEmpty else {
            let places = self.paths.joined(separator: ", ")
            FileHandle.standardError.write(
                Data("postern: no *_test.lua in \(places); 'postern policy new' makes one\n".utf8))
            throw ExitCode(2)
        }
        let reports = files.map(PolicyTests.run)
        for report in reports { self.show(report) }
        let failures = reports.reduce(0) { $0 + $1.failures }
        let tests = reports.reduce(0) { $0 + $1.outcomes.count }
        let result = failures == 0 ? "all passed" : "\(failures) failed"
        print("\(tests) \(tests == 1 ? "test" : "tests"), \(result)")
        if failures > 0 { throw ExitCode(1) }
    }

    private func show(_ report: PolicyTestReport) {
        if !self.quiet || report.failures > 0 { print(report.path) }
        for outcome in report.outcomes {
            if let problem = outcome.problem {
                print("  failed  \(outcome.name)\n          \(problem)")
            } else if !self.quiet {
                print("  passed  \(outcome.name)")
            }
        }
        if let problem = report.problem { print("  failed  \(problem)") }
        if self.quiet { return }
        for coverage in report.coverage {
            let missed = coverage.missed.isEmpty ? "" : ", not line \(Self.ranges(coverage.missed))"
            print("  lines   \(coverage.file): \(coverage.percent) % of \(coverage.lines)\(missed)")
        }
    }

    /// `3, 7-9`.
    private static func ranges(_ lines: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for line in lines {
            if let last = ranges.last, last.upperBound == line - 1 {
                ranges[ranges.count - 1] = last.lowerBound...line
            } else {
                ranges.append(line...line)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
