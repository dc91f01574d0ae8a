internal import ArgumentParser

/// `postern schema`: what a configuration may hold, for editors and other tools.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a JSON Schema (2020-12).",
        subcommands: [SchemaGateway.self, SchemaPlugin.self],
        defaultSubcommand: SchemaGateway.self
    )
}
