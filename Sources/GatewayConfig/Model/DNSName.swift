/// A host's name and a port there, resolved while the gateway runs.
///
/// Written `dns:reviews.internal:9080`. In small letters; a dot at the end says that no search domain is
/// tried.
public struct DNSName: Sendable, Hashable, CustomStringConvertible {
    public let host: String
    /// 1...65535.
    public let port: UInt16

    /// What stands before the name in an endpoint's address.
    static let prefix = "dns:"

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The written form.
    public var description: String { "\(Self.prefix)\(self.host):\(self.port)" }

    /// Why a text is no name with a port.
    enum Refusal: Error, Equatable {
        case noPort
        case badPort
        /// An IP address: it needs no `dns:`.
        case address(ListenAddress)
        case badHost(String)
    }

    /// Parses what stands after `dns:`.
    static func parse(_ text: String) -> Result<DNSName, Refusal> {
        if let address = ListenAddress(text), address.port != nil { return .failure(.address(address)) }
        guard let colon = text.lastIndex(of: ":") else { return .failure(.noPort) }
        let digits = text[text.index(after: colon)...]
        if digits.isEmpty { return .failure(.noPort) }
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return .failure(.badPort) }
        let host = text[..<colon].lowercased()
        if let problem = Self.problem(ofHost: host) { return .failure(.badHost(problem)) }
        return .success(DNSName(host: host, port: port))
    }

    /// Why `host` is no host name (RFC 1123, 2.1, and underscores as resolvers take them).
    private static func problem(ofHost host: String) -> String? {
        if host.isEmpty { return "the name is empty" }
        if host.utf8.contains(where: { $0 > 0x7F }) {
            return "an international name is written in its `xn--` form"
        }
        if host.utf8.count > 253 + (host.hasSuffix(".") ? 1 : 0) {
            return "a name has at most 253 characters"
        }
        var labels = host.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        for label in labels {
            if label.isEmpty { return "a part between two dots is empty" }
            if label.utf8.count > 63 { return "a part between dots has at most 63 characters" }
            if label.hasPrefix("-") || label.hasSuffix("-") { return "no part begins or ends with `-`" }
            let isClean = label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
            if !isClean { return "a name has letters, digits, `-`, `_` and dots" }
        }
        if labels.last?.utf8.allSatisfy({ (0x30...0x39).contains($0) }) == true {
            return "the last part is a number, so this is neither a name nor an address"
        }
        return nil
    }
}
