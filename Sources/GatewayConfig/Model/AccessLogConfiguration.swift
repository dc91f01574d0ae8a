/// The line that is written for every request and every connection: short for a rule of the mixer.
public struct AccessLogConfiguration: Sendable {
    /// How a line looks.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// One JSON object a line.
        case json
        /// Envoy's default format.
        case text
        /// Nothing is written.
        case off
    }

    /// Where lines go.
    public enum Destination: Sendable, Hashable {
        case standardOutput
        /// A file, which is appended to.
        case file(String)
    }

    /// Default `json`; `json`, `text` or `off`. Key `format`.
    public var format: Format
    /// Default `stdout`; `stdout` or a path, relative to the configuration file. Key `path`.
    public var destination: Destination
    public var location = ConfigLocation.none

    public init(format: Format = .json, destination: Destination = .standardOutput) {
        self.format = format
        self.destination = destination
    }
}
