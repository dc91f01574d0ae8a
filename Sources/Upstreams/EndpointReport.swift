/// How one endpoint stands, in one worker or added up over several.
public struct EndpointReport: Sendable {
    public let service: String
    public let address: String
    public let weight: Int
    /// It has not failed its health checks.
    public var isHealthy = true
    /// Open connections, and those of them without a request.
    public var connections = 0
    public var idleConnections = 0
    public var activeRequests = 0
    /// Since the worker began to use the endpoint.
    public var connectionsMade = 0
    public var connectFailures = 0

    /// The same endpoint with nothing counted.
    public var zero: EndpointReport {
        EndpointReport(service: self.service, address: self.address, weight: self.weight)
    }

    /// Adds another worker's counts.
    public mutating func add(_ other: EndpointReport) {
        self.isHealthy = self.isHealthy && other.isHealthy
        self.connections += other.connections
        self.idleConnections += other.idleConnections
        self.activeRequests += other.activeRequests
        self.connectionsMade += other.connectionsMade
        self.connectFailures += other.connectFailures
    }
}
