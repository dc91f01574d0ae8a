public import ArgumentParser
internal import Foundation
public import PluginHost

/// `postern plugin new`: a filter or an adapter that builds, with a test and a configuration.
struct PluginNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a folder with a filter or an adapter that builds, its test and a configuration."
    )

    @Argument(help: "The plugin's name, [a-z0-9-]{1,64}; also the folder's, in the present one.")
    var name: String

    @Option(
        help:
            "What it extends: http-filter (requests), network-filter (TCP) or adapter (a backend)."
    )
    var kind = PluginKind.httpFilter

    @Option(help: "What it is written in: swift or c.")
    var language = PluginLanguage.swift

    private var tests: String { "on a host in the test's process" }

    /// What to try once the gateway runs.
    private var trial: String {
        switch self.kind {
        case .httpFilter: "then: curl -i http://127.0.0.1:8080/"
        case .networkFilter, .adapter: "see README.md for what to try"
        }
    }

    func run() throws {
        let isAllowed = self.name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
        }
        guard isAllowed, (1...64).contains(self.name.utf8.count), self.name.first != "-" else {
            throw failure("the name must match [a-z0-9-]{1,64} and not begin with '-', got '\(self.name)'")
        }
        guard let sdk = SDKFolder.find() else {
            throw failure("no SDK beside this program (share/postern/sdk); name one with POSTERN_SDK")
        }
        let folder = URL(fileURLWithPath: self.name)
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw failure("'\(self.name)' is there already; choose another name or remove it")
        }
        for file in try PluginTemplate(
            language: self.language, kind: self.kind, sdk: sdk, name: self.name
        ).write(to: folder) {
            print("\(self.name)/\(file)")
        }
        print(
            """

            next:  cd \(self.name)
                   postern plugin test     # \(self.tests)
                   postern plugin build    # plugins/\(self.name).so
                   postern run             # with postern.yaml; \(self.trial)
            """)
    }
}

extension PluginLanguage: ExpressibleByArgument {}
extension PluginKind: ExpressibleByArgument {}
