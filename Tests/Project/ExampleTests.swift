import Foundation
import TestSupport
import Testing

/// `postern check` on what readers copy: the plugins' examples, `examples/`, and configurations in the
/// documentation.
@Suite struct ExampleTests {
    struct Example: Sendable, CustomTestStringConvertible {
        /// Where it stands.
        let place: String
        let configuration: String
        /// What lies beside it, by relative path.
        let files: [String: String]

        var testDescription: String { self.place }
    }

    @Test("postern check accepts it", arguments: try plugins() + examples() + documented())
    func isAccepted(example: Example) throws {
        let folder = try TemporaryFolder()
        for (name, text) in example.files {
            let parent = folder.file(name).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            _ = try folder.write(text, to: name)
        }
        if example.configuration.contains(" tls/") {
            try Self.writeCertificates(of: example.configuration, to: folder)
        }
        let plugins = "version: 1\nplugins: { path: [\"\(Binaries.pluginFolder)\"] }\n"
        let file = try folder.write(
            example.configuration.replacing("version: 1\n", with: plugins, maxReplacements: 1),
            to: "checked.yaml")
        try Tool.run(
            Binaries.program("postern"), ["check", "-c", file.path],
            environment: Self.environment)
    }

    /// Has the secrets that pages take from it.
    private static let environment = [
        "PATH": "/usr/bin:/bin", "ALICE_KEY": "another secret", "PGPASSWORD": "a third",
        "FLUENTD_KEY": "a fourth", "KAFKA_PASSWORD": "a fifth", "NATS_PASSWORD": "a sixth",
        "REDIS_PASSWORD": "a seventh",
    ]

    /// Puts certificates, keys and authorities where a configuration has its own.
    private static func writeCertificates(of configuration: String, to folder: TemporaryFolder) throws {
        let made = try TestCertificates()
        try made.add("page", names: ["DNS:shop.example.com"])
        try FileManager.default.createDirectory(
            at: folder.file("tls"), withIntermediateDirectories: true)
        for (key, text) in [("certificate", "page.pem"), ("key", "page.key"), ("trustedCA", "ca.pem")] {
            for match in configuration.matches(of: try Regex("\(key): (?:\\{ file: )?(tls/[a-z0-9.-]+)")) {
                guard let name = match.output[1].substring else { continue }
                _ = try folder.write(made.text(of: text), to: String(name))
            }
        }
    }

    // MARK: Where they are

    /// `Plugins/NAME/conf.example.json` is what stands behind `config:` of a filter.
    private static func plugins() throws -> [Example] {
        let folder = Checkout.root.appending(path: "Plugins")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/Filter").path)
        }
        .sorted().map {
            name in
            let file = folder.appending(path: "\(name)/conf.example.json")
            let config = try String(contentsOf: file, encoding: .utf8)
            return Example(
                place: "Plugins/\(name)",
                configuration: Self.around("filters: [{ plugin: \(name), config: \(config) }]"),
                files: [:])
        }
    }

    private static func examples() throws -> [Example] {
        // Their plugins are built first: ExamplePluginTests.
        try Checkout.files(below: Checkout.root.appending(path: "examples"), suffix: ".yaml").filter {
            !$0.path.contains("/examples/plugins/") && !$0.path.contains("/examples/adapter-sqlite/")
        }.map { file in
            let folder = file.deletingLastPathComponent()
            let texts = try Checkout.files(below: folder).map {
                (Self.path($0, in: folder), try String(contentsOf: $0, encoding: .utf8))
            }
            return Example(
                place: Self.path(file, in: Checkout.root),
                configuration: try String(contentsOf: file, encoding: .utf8),
                files: Dictionary(uniqueKeysWithValues: texts))
        }
    }

    /// Fenced blocks of YAML that are a configuration, or a part that ``whole(_:isGuide:)`` completes.
    private static func documented() throws -> [Example] {
        // Files that the pages tell of.
        let files = [
            "secrets/bob": "a secret\n", "lists/denied.txt": "10.9.0.0/16\n",
            "secrets/keys.json": #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
            "secrets/users": "a:$2b$04$1xj6EOutkLEdv.qybnaHf.zF5AHkymPdgPX4WhNXCDc.VRy40x.3C\n",
            "policies/block-bots.lua": "function on_request() end\n",
        ]
        var found: [Example] = []
        for page in Checkout.files(below: Checkout.root.appending(path: "docs"), suffix: ".md") {
            let text = try String(contentsOf: page, encoding: .utf8)
            for (number, match) in text.matches(of: /(?m)^```yaml\n((?:.*\n)*?)```/).enumerated() {
                let place = "\(Self.path(page, in: Checkout.root)) \(number + 1)"
                let whole = Self.whole(String(match.1), isGuide: place.hasPrefix("docs/extending/"))
                guard whole.hasPrefix("version: 1\n") else { continue }
                found.append(Example(place: place, configuration: whole, files: files))
            }
        }
        return found
    }

    /// A configuration with a part of it that a page shows: filters, the mixer or its lists, the access log.
    ///
    /// - Parameter isGuide: Whether the mixer's part may name an adapter that only its readers have.
    private static func whole(_ part: String, isGuide: Bool) -> String {
        if part.hasPrefix("filters:\n") { return Self.around(part) }
        if part.hasPrefix("handlers:\n") {
            return "version: 1\nmixer:\n  \(part.replacing("\n", with: "\n  "))\n"
        }
        let isPart = part.hasPrefix("accessLog: ") || (part.hasPrefix("mixer:\n") && !isGuide)
        return isPart ? "version: 1\n\(part)" : part
    }

    private static func path(_ file: URL, in folder: URL) -> String {
        file.path.replacingOccurrences(of: "\(folder.path)/", with: "")
    }

    /// A configuration around the `filters:` of a listener.
    private static func around(_ filters: String) -> String {
        """
        version: 1
        listeners:
          - name: public
            address: 127.0.0.1:8080
            \(filters.replacing("\n", with: "\n    "))
        routes:
          - { name: all, rules: [{ directResponse: {} }] }

        """
    }
}
