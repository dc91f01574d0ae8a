/// Where operators reach the gateway.
public struct AdminConfiguration: Sendable, Hashable {
    /// The address of the admin endpoints.
    ///
    /// Required. Key `address`.
    public var address: ListenAddress

    public init(address: ListenAddress) { self.address = address }
}
