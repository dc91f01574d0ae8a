/// Where an endpoint is: an address, or a name that has addresses.
public enum EndpointAddress: Sendable, Hashable, CustomStringConvertible {
    case address(ListenAddress)
    case name(DNSName)

    /// The written form.
    public var description: String {
        switch self {
        case .address(let address): address.description
        case .name(let name): name.description
        }
    }
}
