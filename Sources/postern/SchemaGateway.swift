internal import ArgumentParser
internal import GatewayConfig

/// `postern schema gateway`: what `postern check` accepts.
struct SchemaGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "The schema of a gateway configuration (the default)."
    )

    func run() {
        print(GatewayConfiguration.jsonSchema.json(indented: true))
    }
}
