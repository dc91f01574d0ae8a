/// A value as JSON has it: what a configuration gives to filters, and filters of one stream leave for each
/// other.
public indirect enum MetadataValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([MetadataValue])
    case object([String: MetadataValue])
}
