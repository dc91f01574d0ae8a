/// Routes by a hash of the host, then in order.
public struct CallRoutes {
    private let hosts: [UInt32]

    public init(hosts: [UInt32]) { self.hosts = hosts }

    /// The place of the first route for that host, or the number of routes.
    public func match(_ host: UInt32) -> Int {
        for index in self.hosts.indices where self.hosts[index] == host { return index }
        return self.hosts.count
    }
}
