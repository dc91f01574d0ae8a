internal import ArgumentParser
internal import DataPlane
internal import Foundation
internal import GatewayConfig

/// `postern check`: every problem of a configuration at once.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a gateway configuration.",
        discussion: """
            Prints each problem as FILE:LINE:COLUMN: PATH: MESSAGE.
            Exits with 0 when there is none but warnings, 1 with problems, 2 when the file cannot be read.
            """
    )

    @Option(name: [.short, .customLong("config")], help: "The configuration file, YAML or JSON.")
    var config = "postern.yaml"

    func run() throws { try Self.show(self.config) }

    /// Prints what is wrong with the configuration at `path`.
    ///
    /// - Throws: The exit code when it cannot be used.
    static func show(_ path: String) throws {
        switch Gateway.check(path: path) {
        case .loaded(let loaded):
            self.show(loaded.warnings, path)
        case .invalid(let problems):
            self.show(problems, path)
            throw ExitCode(1)
        case .unreadable(let reason):
            FileHandle.standardError.write(Data("postern: \(reason)\n".utf8))
            throw ExitCode(2)
        }
    }

    private static func show(_ problems: [ConfigProblem], _ path: String) {
        for problem in problems { print("\(path):\(problem)") }
    }
}
