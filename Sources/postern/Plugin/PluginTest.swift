internal import ArgumentParser
internal import Foundation

/// `postern plugin test`: the plugin's own tests, on a host in their process.
struct PluginTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests of the plugin in the present folder.",
        discussion:
            "Runs 'swift test', or 'make test', against the SDK of this installation. No gateway is needed."
    )

    @Option(help: "The plugin's folder.")
    var path = "."

    func run() throws {
        let package = try PluginPackage(self.path)
        switch package.language {
        case .c: try package.run("make", ["--silent", "test", "SDK=\(package.sdk.path)"])
        case .swift: try package.run("swift", ["test", "--disable-xctest", "--scratch-path", ".build"])
        }
    }
}
