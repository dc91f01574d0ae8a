internal import ArgumentParser

/// `postern plugin`: what the author of a native filter or an adapter needs.
struct Plugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, build, test and inspect native filters and adapters.",
        discussion: """
            From nothing to filtered traffic:

                postern plugin new hello && cd hello
                postern plugin build
                postern run
            """,
        subcommands: [PluginNew.self, PluginBuild.self, PluginTest.self, PluginInspect.self]
    )
}
