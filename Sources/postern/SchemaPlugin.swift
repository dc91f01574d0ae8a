internal import ArgumentParser
internal import Foundation
internal import PluginHost

/// `postern schema plugin NAME`: what a plugin takes as its `config`.
struct SchemaPlugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "The schema of a plugin's own configuration."
    )

    @Argument(help: "The plugin's name, such as key-auth.")
    var name: String

    @Option(help: "A folder to search after the installed one; can be given several times.")
    var path: [String] = []

    func run() throws {
        do {
            print(try PluginStore().describe(self.name, search: PluginSearch(paths: self.path)).schema)
        } catch {
            FileHandle.standardError.write(Data("postern: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}
