internal import GatewayConfig
internal import Reactor
internal import Telemetry
internal import Upstreams

/// Asks the endpoints of all services that want it whether they are well, and tells every worker.
///
/// One of the workers has it, so an endpoint is asked once and not by each; it asks through that worker's
/// pools, with the protocol, TLS and names of the service.
final class HealthMonitor {
    // SAFETY: the worker owns the monitor.
    unowned let worker: Worker
    /// All workers, its own among them.
    private let workers: [Worker]
    private let metrics: HealthMetrics
    private var services: [String: ServiceHealth] = [:]

    init(_ worker: Worker, _ workers: [Worker], _ metrics: HealthMetrics) {
        self.worker = worker
        self.workers = workers
        self.metrics = metrics
    }

    /// Follows a configuration; a service whose check is the same keeps what is known of its endpoints.
    func update(_ services: [ServiceConfiguration]) {
        let checks = Dictionary(
            services.compactMap { one in one.healthCheck.map { (one.name, $0) } }, uniquingKeysWith: { $1 })
        for (name, known) in self.services where checks[name] != known.check {
            known.end()
            self.services[name] = nil
            self.set(name, unhealthy: 0)
            for worker in self.workers { worker.loop.mailbox.send { worker.pool(named: name)?.trustAll() } }
        }
        for (name, check) in checks where self.services[name] == nil {
            self.services[name] = ServiceHealth(name, check, self)
        }
    }

    /// Lets every worker know.
    func tell(_ service: String, _ address: String, isHealthy: Bool) {
        for worker in self.workers {
            worker.loop.mailbox.send { worker.setHealth(of: address, of: service, isHealthy) }
        }
    }

    func count(_ service: String, isWell: Bool) { self.metrics.count(service, isWell: isWell) }
    func set(_ service: String, unhealthy: Int) { self.metrics.set(service, unhealthy: unhealthy) }
}

extension Worker {
    func setHealth(of address: String, of service: String, _ isHealthy: Bool) {
        self.pool(named: service)?.setHealth(of: address, isHealthy, random: &self.random)
    }
}
