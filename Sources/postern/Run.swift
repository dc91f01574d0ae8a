internal import ArgumentParser
internal import DataPlane
internal import Foundation
internal import GatewayConfig
internal import Glibc

/// `postern run`: checks the configuration, then becomes `postern-proxy`.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway in the foreground.",
        discussion: """
            Checks the configuration as 'postern check' does, then becomes postern-proxy, in the same process.
            SIGHUP or a changed file reloads; SIGTERM answers what has begun and ends.
            """
    )

    @Option(name: [.short, .customLong("config")], help: "The configuration file, YAML or JSON.")
    var config = "postern.yaml"

    @Option(help: "trace, debug, info, warning, error or critical.")
    var logLevel = "info"

    @Option(help: "text or json.")
    var logFormat = "text"

    @Option(help: "Where to write the admin endpoint's address once it listens.")
    var adminAddressPath: String?

    func run() throws {
        try Check.show(self.config)
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
            .appendingPathComponent("postern-proxy").path
        var arguments = [
            program, "--config", self.config, "--log-level", self.logLevel, "--log-format", self.logFormat,
        ]
        if let path = self.adminAddressPath { arguments += ["--admin-address-path", path] }
        // What is written so far must come before what the other program writes.
        fflush(nil)
        let words = arguments.map { strdup($0) } + [nil]
        execv(program, words)
        throw ValidationError("cannot run \(program): \(String(cString: strerror(errno)))")
    }
}
