/// How far `X-Forwarded-For` and its kin are believed.
public struct ForwardedPolicy: Sendable, Hashable {
    /// The number of proxies in front of the gateway that add to `X-Forwarded-For`.
    ///
    /// With 0 nothing that a client sends is believed, and the peer is the client.
    ///
    /// Default 0; 0...16. Key `trustedHops`.
    public var trustedHops: Int

    public init(trustedHops: Int = 0) { self.trustedHops = trustedHops }
}
