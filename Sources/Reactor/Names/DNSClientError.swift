/// Why there is no client of the domain name system.
public struct DNSClientError: Error, Sendable, CustomStringConvertible {
    public let reason: String

    public var description: String { "cannot ask resolvers: \(self.reason)" }
}
