/// Reads the text of a configuration, YAML or JSON, into a tree that keeps its places.
public enum ConfigDocument {
    /// How a text is written.
    public enum Format: Sendable, Hashable {
        case yaml
        case json

        /// By the file's ending, else by the first character: `{` and `[` begin JSON.
        static func of(_ bytes: [UInt8], fileName: String) -> Format {
            if fileName.hasSuffix(".json") { return .json }
            if fileName.hasSuffix(".yaml") || fileName.hasSuffix(".yml") { return .yaml }
            let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
            return first == 0x7B || first == 0x5B ? .json : .yaml
        }
    }

    /// What reading gave.
    public struct Reading: Sendable {
        /// The tree; nil when the text could not be read to its end.
        public var root: ConfigNode?
        /// Where the text is malformed, or a key stands twice.
        public var problems: [ConfigProblem]
    }

    /// Reads a whole text.
    ///
    /// Bounded in depth (64), size (16 MiB) and number of values (a million); malformed UTF-8 is refused.
    ///
    /// - Parameter fileName: Decides the format by its ending.
    public static func read(_ bytes: [UInt8], fileName: String) -> Reading {
        self.read(bytes, as: .of(bytes, fileName: fileName))
    }

    /// Reads a whole text in a known format.
    public static func read(_ bytes: [UInt8], as format: Format) -> Reading {
        var builder = ConfigBuilder()
        do throws(ConfigSyntaxError) {
            try Self.checkText(bytes)
            let root: ConfigNode
            switch format {
            case .json:
                var reader = JSONReader(bytes, builder: builder)
                root = try reader.document()
                builder = reader.builder
            case .yaml:
                var reader = YAMLReader(bytes, builder: builder)
                root = try reader.document()
                builder = reader.builder
            }
            return Reading(root: root, problems: builder.problems)
        } catch {
            return Reading(root: nil, problems: builder.problems + [error.problem])
        }
    }

    /// Size and encoding, before any parser sees the text.
    private static func checkText(_ bytes: [UInt8]) throws(ConfigSyntaxError) {
        let start = ConfigLocation(path: "", line: 1, column: 1)
        guard bytes.count <= ConfigLimits.fileSize else {
            throw ConfigSyntaxError(start, "the file must be at most 16 MiB, got \(bytes.count) bytes")
        }
        guard let offset = Self.firstMalformedByte(bytes) else { return }
        var line = 1
        var column = 1
        for byte in bytes[..<offset] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        throw ConfigSyntaxError(
            ConfigLocation(path: "", line: line, column: column), "the text is not valid UTF-8")
    }

    private static func firstMalformedByte(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: return offset
            }
        }
    }
}
