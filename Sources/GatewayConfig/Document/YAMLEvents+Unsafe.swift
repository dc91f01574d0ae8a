internal import CYAML

/// One step of libyaml through a text.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case documentEnd
        case streamStart
        case streamEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    /// Whether the text names a tag (`!!str`, `!mine`) before the value.
    var hasTag = false
    var anchor: String?
    /// From 1.
    var line: Int
    /// In characters, from 1.
    var column: Int
}

/// libyaml's events of one text, in order.
final class YAMLEvents {
    // SAFETY: `parser` is initialised in init and deleted in deinit, by this object alone. `text` holds the
    // parser's input, whose address libyaml keeps; it is allocated once and freed after the parser.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool

    init(_ bytes: [UInt8]) {
        self.text = .allocate(capacity: bytes.count)
        _ = self.text.initialize(from: bytes)
        self.parser = .allocate(capacity: 1)
        self.isReady = yaml_parser_initialize(self.parser) == 1
        guard self.isReady else { return }
        yaml_parser_set_encoding(self.parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(self.parser, self.text.baseAddress, self.text.count)
    }

    deinit {
        if self.isReady { yaml_parser_delete(self.parser) }
        self.parser.deallocate()
        self.text.deallocate()
    }

    /// The next event; not to be called after ``YAMLEvent/Kind/streamEnd`` or an error.
    func next() throws(ConfigSyntaxError) -> YAMLEvent {
        var event = yaml_event_t()
        guard self.isReady, yaml_parser_parse(self.parser, &event) == 1 else { throw self.error() }
        // SAFETY: the texts within the event live until it is deleted, and are copied before.
        defer { yaml_event_delete(&event) }
        let mark = event.start_mark
        var result = YAMLEvent(kind: .streamEnd, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        switch event.type {
        case YAML_STREAM_START_EVENT: result.kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: result.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
        case YAML_ALIAS_EVENT: result.kind = .alias(Self.string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            result.kind = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
            result.hasTag = scalar.tag != nil
            result.anchor = Self.string(scalar.anchor)
        case YAML_SEQUENCE_START_EVENT:
            result.kind = .sequenceStart
            result.hasTag = event.data.sequence_start.tag != nil
            result.anchor = Self.string(event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT:
            result.kind = .mappingStart
            result.hasTag = event.data.mapping_start.tag != nil
            result.anchor = Self.string(event.data.mapping_start.anchor)
        default: break
        }
        return result
    }

    private static func string(_ text: UnsafeMutablePointer<UInt8>?) -> String? {
        text.map { String(cString: $0) }
    }

    private func error() -> ConfigSyntaxError {
        guard self.isReady else { return ConfigSyntaxError(.none, "out of memory") }
        let parser = self.parser.pointee
        let why = parser.problem.map { String(cString: $0) } ?? "the text cannot be read"
        let context = parser.context.map { " (\(String(cString: $0)))" } ?? ""
        let mark = parser.problem_mark
        let location = ConfigLocation(path: "", line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        return ConfigSyntaxError(location, "not valid YAML: \(why)\(context)")
    }
}
