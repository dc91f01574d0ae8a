/// One place where a service answers.
///
/// Written as an address alone, or as an object where a weight is wanted.
public struct EndpointConfiguration: Sendable, Hashable {
    /// Required; a port is 1...65535. Key `address`.
    public var address: ListenAddress
    /// Its share of the service's requests.
    ///
    /// Default 1; 1...1000. Key `weight`.
    public var weight: Weight

    public init(_ address: ListenAddress, weight: Weight = 1) {
        self.address = address
        self.weight = weight
    }
}
