/// One place where a service answers.
///
/// Written as an address or a name alone, or as an object where a weight is wanted.
public struct EndpointConfiguration: Sendable, Hashable {
    /// Required; a port is 1...65535. Key `address`.
    public var address: EndpointAddress
    /// Its share of the service's requests; each address of a name has it.
    ///
    /// Default 1; 1...1000. Key `weight`.
    public var weight: Weight

    public init(_ address: EndpointAddress, weight: Weight = 1) {
        self.address = address
        self.weight = weight
    }

    public init(_ address: ListenAddress, weight: Weight = 1) { self.init(.address(address), weight: weight) }

    /// Whether it is to be resolved.
    public var isName: Bool {
        if case .name = self.address { return true }
        return false
    }
}
