internal import ArgumentParser
internal import DataPlane
internal import Glibc

/// The root of the command line; each subcommand is a file of its own.
@main
struct Postern: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "A gateway that filters traffic with native plugins and Lua scripts.",
        subcommands: [Run.self, Check.self, Schema.self, Eval.self, Plugin.self, Policy.self]
    )

    static func main() {
        if let code = Gateway.runIfProbe() { Glibc.exit(code) }
        self.main(nil)
    }
}
