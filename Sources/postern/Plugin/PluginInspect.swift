internal import ArgumentParser
internal import Foundation
internal import GatewayConfig
internal import PluginHost

/// `postern plugin inspect`: what a file is, and whether a gateway would take it.
struct PluginInspect: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a plugin file is, and whether a gateway would take it.",
        discussion: """
            Loads the file in a child process, as a gateway does before it takes one into use.
            Exits with 0, with 1 when a gateway would refuse it, or with 2 when it cannot be read.
            """
    )

    @Argument(help: "The file, such as plugins/hello.so.")
    var file: String

    @Option(help: "text or json.")
    var format = Format.text

    func run() throws {
        let plugin: PluginDescription
        do { plugin = try PluginStore().inspect(file: self.file) } catch {
            throw failure("\(error)", status: FileManager.default.isReadableFile(atPath: self.file) ? 1 : 2)
        }
        guard let bytes = FileManager.default.contents(atPath: self.file),
            let object = SharedObject(Array(bytes))
        else { throw failure("\(self.file): cannot be read", status: 2) }
        switch self.format {
        case .text: print(Self.text(plugin, object))
        case .json: print(Self.node(plugin, object).json(indented: true))
        }
        let names = ["\(plugin.name).so", "lib\(plugin.name).so"]
        let own = URL(fileURLWithPath: self.file).lastPathComponent
        guard names.contains(own) else {
            throw failure(
                "\(self.file): a gateway looks for '\(plugin.name)' in \(names[0]); rename the file")
        }
    }

    private static func text(_ plugin: PluginDescription, _ object: SharedObject) -> String {
        let unit = plugin.kind == .httpFilter ? "request" : "connection"
        let uses =
            plugin.kind == .adapter
            ? "templates   \(plugin.templates.joined(separator: " "))"
            : """
            phases      \(plugin.phases.isEmpty ? "none" : plugin.phases.joined(separator: " "))
            state       \(plugin.streamStateBytes) bytes for each \(unit)
            """
        return """
            name        \(plugin.name)
            version     \(plugin.version)
            kind        \(plugin.kind.rawValue)
            abi         \(plugin.abi)
            swift       \(plugin.swift ?? "none of the host's")
            \(uses)
            exports     \(object.exports.joined(separator: " "))
            libraries   \(object.libraries.isEmpty ? "none" : object.libraries.joined(separator: " "))
            digest      \(plugin.digest)
            schema      \(plugin.schema.replacingOccurrences(of: "\n", with: "\n            "))
            """
    }

    private static func node(_ plugin: PluginDescription, _ object: SharedObject) -> ConfigNode {
        func text(_ text: String) -> ConfigNode { ConfigNode(.string(text)) }
        func texts(_ list: [String]) -> ConfigNode { ConfigNode(.array(list.map(text))) }
        return ConfigNode(
            .object([
                .init("name", text(plugin.name)), .init("version", text(plugin.version)),
                .init("kind", text(plugin.kind.rawValue)),
                .init("abi", text(plugin.abi)),
                .init("swift", plugin.swift.map(text) ?? ConfigNode(.null)),
                .init("phases", texts(plugin.phases)),
                .init("templates", texts(plugin.templates)),
                .init("streamStateBytes", ConfigNode(.integer(plugin.streamStateBytes))),
                .init("exports", texts(object.exports)), .init("libraries", texts(object.libraries)),
                .init("digest", text(plugin.digest)),
                .init(
                    "schema",
                    ConfigDocument.read(Array(plugin.schema.utf8), as: .json).root ?? text(plugin.schema)),
            ]))
    }
}
