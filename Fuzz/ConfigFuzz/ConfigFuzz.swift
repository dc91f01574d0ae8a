internal import CFuzzer
internal import GatewayConfig

/// Feeds arbitrary bytes to the readers of configurations and of plugins' schemas.
///
/// The first byte says how the rest is read: `j` JSON, `s` a plugin's schema, anything else YAML.
@main
struct ConfigFuzz {
    static func main() {
        postern_fuzz(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
            ConfigFuzz.run(Array(UnsafeBufferPointer(start: start, count: count)))
        }
    }

    static func run(_ input: [UInt8]) {
        guard let kind = input.first else { return }
        let text = Array(input.dropFirst())
        let reading = ConfigDocument.read(text, as: kind == 0x6A || kind == 0x73 ? .json : .yaml)
        guard let root = reading.root else {
            precondition(!reading.problems.isEmpty, "unread without a reason")
            return
        }
        self.expectSameAfterWriting(root)
        if kind == 0x73 {
            self.useAsSchema(root)
        } else if root["version"] != nil {
            let fileName = kind == 0x6A ? "gateway.json" : "gateway.yaml"
            self.load(text, fileName: fileName)
        }
    }

    /// What was read can be written as JSON and read again.
    private static func expectSameAfterWriting(_ root: ConfigNode) {
        let again = ConfigDocument.read(Array(root.json().utf8), as: .json)
        precondition(again.problems.isEmpty, "written text has problems: \(again.problems)")
        precondition(again.root == root, "written text differs")
    }

    private static func useAsSchema(_ root: ConfigNode) {
        guard let schema = try? PluginSchema(root) else { return }
        _ = schema.validate(root)
        let redacted = schema.redacted(root)
        _ = redacted.json()
        _ = schema.resolve(root, directory: "/nonexistent") { _ in "secret" }
    }

    private static func load(_ text: [UInt8], fileName: String) {
        switch GatewayConfiguration.read(text, fileName: fileName, directory: "/etc/postern") {
        case .loaded(let loaded):
            precondition(loaded.warnings.allSatisfy { $0.severity == .warning })
            _ = loaded.redactedJSON { _ in nil }
        case .invalid(let problems):
            precondition(problems.contains { $0.severity == .error })
            precondition(problems.allSatisfy { $0.line > 0 && $0.column > 0 }, "a problem without a place")
        case .unreadable: preconditionFailure("nothing was opened")
        }
    }
}
