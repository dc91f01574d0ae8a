internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import Telemetry
internal import Reactor
internal import Upstreams

/// The checks of one service.
final class ServiceHealth: EventHandler {
    let service: String
    let check: HealthCheck
    // SAFETY: the monitor owns this object.
    private unowned let monitor: HealthMonitor
    private let question: HealthQuestion
    private let timer = DeadlineTimer()
    /// By address.
    private var endpoints: [String: EndpointHealth] = [:]
    private var asked: [String: PendingID] = [:]
    private var isOver = false

    init(_ service: String, _ check: HealthCheck, _ monitor: HealthMonitor) {
        self.service = service
        self.check = check
        self.monitor = monitor
        self.question = HealthQuestion(check, of: service)
        super.init()
        self.timer.owner = self
        self.setTimer(0)
    }

    /// Asks no more.
    func end() {
        self.isOver = true
        self.monitor.worker.loop.timers.remove(self.timer)
        for id in self.asked.values { self.monitor.worker.cancel(id) }
        self.asked = [:]
    }

    override func timerFired(_ timer: DeadlineTimer) {
        // Not all at once with those of other gateways.
        let interval = max(self.check.interval.nanoseconds, 1)
        self.setTimer(interval - interval / 10 + self.monitor.worker.random.next() % max(interval / 5, 1))
        guard let pool = self.monitor.worker.pool(named: self.service) else { return }
        let addresses = pool.endpointNames
        let gone = self.endpoints.keys.filter { !addresses.contains($0) }
        for address in gone { self.endpoints[address] = nil }
        for address in addresses where self.asked[address] == nil {
            self.ask(address)
            // An endpoint that has come back after a change of the list is well for those who choose.
            if let known = self.endpoints[address], !known.isHealthy {
                self.monitor.tell(self.service, address, isHealthy: false)
            }
        }
        self.count()
    }

    private func ask(_ address: String) {
        self.asked[address] = self.monitor.worker.probe(self.question.callout(address), at: address) {
            [unowned self] in
            self.asked[address] = nil
            if !self.isOver, let answer = self.question.judge($0) { self.answered(address, answer) }
        }
    }

    private func answered(_ address: String, _ answer: (isWell: Bool, reason: String)) {
        var health = self.endpoints[address] ?? EndpointHealth()
        let hasChanged = health.record(isWell: answer.isWell, self.check)
        self.endpoints[address] = health
        self.monitor.count(self.service, isWell: answer.isWell)
        guard hasChanged else { return }
        self.monitor.worker.telemetry.log.write(
            health.isHealthy ? .info : .warning, "health",
            health.isHealthy ? "endpoint is healthy again" : "endpoint is unhealthy",
            ["service": "\(self.service)", "endpoint": "\(address)", "answer": "\(answer.reason)"])
        self.monitor.tell(self.service, address, isHealthy: health.isHealthy)
        self.count()
    }

    private func count() {
        self.monitor.set(self.service, unhealthy: self.endpoints.values.count { !$0.isHealthy })
    }

    private func setTimer(_ nanoseconds: UInt64) {
        let loop = self.monitor.worker.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }
}
