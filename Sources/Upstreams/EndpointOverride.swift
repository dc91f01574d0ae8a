/// The endpoint of a service that one request is to go to, in place of the balancer's choice.
public struct EndpointOverride: Sendable, Hashable {
    /// As configured, `127.0.0.1:9001`.
    public var address: String
    /// Whether the request fails when there is no such endpoint.
    public var isStrict: Bool

    public init(address: String, isStrict: Bool) {
        self.address = address
        self.isStrict = isStrict
    }
}
