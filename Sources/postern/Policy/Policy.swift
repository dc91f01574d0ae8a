internal import ArgumentParser

/// `postern policy`: Lua policies, from the first line to the last test.
struct Policy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, check and test Lua policies.",
        subcommands: [PolicyNew.self, PolicyCheck.self, PolicyTest.self]
    )
}
