/// A request or response as it was on the wire.
public struct RawMessage: Sendable {
    public var startLine = ""
    /// `name: value`, the name in lower case.
    public var fields: [String] = []
    public var body: [UInt8] = []
    /// How often a chunk's size was read; 0 when the body was not chunked.
    public var chunks = 0
    public var trailers: [String] = []
    /// Every byte.
    public var raw: [UInt8] = []
    /// Responses of 1xx that came before, their start lines and fields.
    public var informational: [RawMessage] = []

    public init() {}

    /// A response's status; 0 for a request.
    public var status: Int {
        guard self.startLine.hasPrefix("HTTP/") else { return 0 }
        return Int(self.startLine.split(separator: " ").dropFirst().first ?? "") ?? 0
    }
    /// A request's target.
    public var target: String {
        self.startLine.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }
    public var method: String { self.startLine.split(separator: " ").first.map(String.init) ?? "" }
    public var text: String { String(decoding: self.body, as: UTF8.self) }

    /// Values of the fields of that name, in lower case.
    public func all(_ name: String) -> [String] {
        self.fields.filter { $0.hasPrefix("\(name):") }.map {
            String($0.dropFirst(name.count + 1).drop { $0 == " " })
        }
    }
    public subscript(_ name: String) -> String? { self.all(name).first }

    /// Field lines with the name in lower case and no blanks around the value.
    static func fields(_ lines: [Substring]) -> [String] {
        lines.map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = (parts.count > 1 ? parts[1] : "").drop { $0 == " " || $0 == "\t" }
            var bytes = Array(value.utf8)
            while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
            return "\(parts[0].lowercased()): \(String(decoding: bytes, as: UTF8.self))"
        }
    }
}
