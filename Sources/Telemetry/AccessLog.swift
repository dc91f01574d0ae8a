internal import Primitives

/// Where and how the access log is written.
public struct AccessLogSettings: Sendable, Hashable {
    public enum Destination: Sendable, Hashable {
        case standardOutput
        /// A file that is appended to, made when it does not exist.
        case file(path: String)
    }
    public var format: AccessLogFormat
    public var destination: Destination

    public init(format: AccessLogFormat, destination: Destination) {
        self.format = format
        self.destination = destination
    }
}

/// Writes exchange records as lines. Used by one thread at a time.
struct AccessLog: ~Copyable {
    let settings: AccessLogSettings
    private var output: OutputFile

    /// - Throws: ``OutputError`` when the file cannot be opened.
    init(_ settings: AccessLogSettings) throws(OutputError) {
        self.settings = settings
        switch settings.destination {
        case .standardOutput: self.output = OutputFile(descriptor: 1)
        case .file(let path): self.output = try OutputFile(path: path)
        }
    }

    /// Formats one record as ``RecordRing/drain(_:)`` hands it out.
    mutating func append(_ payload: ByteView, _ names: NameTable) {
        guard let reading = ExchangeReading(payload) else { return }
        self.settings.format.append(reading, names, to: self.output.pending)
    }

    mutating func flush(patience: Int32) -> OutputFile.Outcome { self.output.flush(patience: patience) }

    /// Opens the file again after it was moved away; when that fails the old one stays in use.
    mutating func reopen() -> OutputError? {
        do throws(OutputError) {
            try self.output.reopen()
            return nil
        } catch {
            return error
        }
    }
}
