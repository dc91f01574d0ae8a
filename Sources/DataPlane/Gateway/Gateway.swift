internal import Filtering
internal import GatewayConfig
internal import Glibc
internal import Mixer
internal import Primitives
internal import Reactor
internal import Routing
public import Telemetry
internal import Upstreams

/// The data plane's process: the control thread with its loop, and the workers it programs.
///
/// Everything here runs on the control thread, the one that calls ``run()``; workers are reached by their
/// mailboxes.
public final class Gateway: @unchecked Sendable {
    // SAFETY: handed to no other thread but as the target of letters to its own loop's mailbox.

    /// What the command line says.
    public struct Options: Sendable {
        /// The configuration file.
        public var path: String
        public var logLevel: LogLevel
        public var logFormat: LogFormat
        /// Where to write the admin endpoint's address once it listens, for port 0.
        public var adminAddressPath: String?

        public init(path: String, logLevel: LogLevel, logFormat: LogFormat, adminAddressPath: String?) {
            self.path = path
            self.logLevel = logLevel
            self.logFormat = logFormat
            self.adminAddressPath = adminAddressPath
        }
    }

    /// How a process ends (docs/reference/commands.md).
    public enum ExitCode: Int32, Sendable {
        case success = 0
        /// The configuration has problems, or cannot be brought into force.
        case invalid = 1
        /// A file cannot be read.
        case unreadable = 2
    }

    /// How long requests in progress may take once the process is to end.
    static let drainTime = Duration.seconds(30)
    public static let version = "0.1.0"

    let options: Options
    let loop: EventLoop
    let log: Log
    let telemetry: TelemetryProcess
    let filterHost: ProcessFilterHost
    let filters: FilterCatalogue
    let mixer: MixerCatalogue
    private let gauges = ConnectionGauges()
    let tls = TLSCatalogue()
    private(set) var workers: [Worker] = []
    private(set) var current: Snapshot?
    /// The first configuration in force.
    private var atStart: GatewayConfiguration?
    /// Files that the configuration in force is made of, besides its own.
    private var watched: Set<String> = []
    /// The configuration in force as JSON, without secrets.
    private(set) var dump = "{}"
    private let metrics: GatewayMetrics
    private(set) lazy var names = self.makeNames()
    private var sockets: ListeningSockets
    private var generation = 0
    private var signals: SignalSource?
    private var files: FileWatch?
    var nameFiles: FileWatch?
    /// Names need not be waited for (any more).
    var hasSettled = false
    private var admin: AdminServer?
    let started = MonotonicTime.now()
    /// Whether `/drain_listeners` was asked for, or the process is to end.
    private var isDraining = false
    private var isEnding = false
    private lazy var drainLimit = DrainLimit(self.loop)
    private var housekeeping: RepeatingTimer?
    private var watchdog: Watchdog?
    private var drainTimer: DeadlineTimer?
    private var runningWorkers = 0

    /// - Throws: ``SocketError`` when the kernel gives no descriptors.
    public init(_ options: Options) throws {
        self.options = options
        self.loop = try EventLoop()
        self.log = Log(level: options.logLevel, format: options.logFormat)
        self.telemetry = TelemetryProcess(log: self.log)
        self.filterHost = ProcessFilterHost(self.telemetry)
        self.filters = FilterCatalogue(telemetry: self.telemetry, host: self.filterHost)
        self.mixer = MixerCatalogue(
            telemetry: self.telemetry, plugins: self.filters.plugins, host: self.filterHost)
        self.metrics = GatewayMetrics(self.telemetry.registry)
        self.sockets = ListeningSockets(workers: 0)
    }

    /// What can be done once only, before anything else in the process.
    public static func prepareProcess() { TLSMemory.takeOver() }

    /// Runs the gateway until SIGTERM or SIGINT.
    public func run() -> ExitCode {
        do {
            self.signals = try SignalSource([SIGTERM, SIGINT, SIGHUP, SIGUSR1], loop: self.loop) {
                [unowned self] in
                self.received(signal: $0)
            }
        } catch {
            self.log.write(.critical, "gateway", "cannot receive signals: \(error)")
            return .invalid
        }
        let loaded: LoadedConfiguration
        switch GatewayConfiguration.load(path: self.options.path) {
        case .loaded(let good): loaded = good
        case .invalid(let problems):
            for problem in problems { self.report(problem) }
            return .invalid
        case .unreadable(let reason):
            self.log.write(.critical, "config", "\(self.options.path): \(reason)")
            return .unreadable
        }
        guard
            self.startWorkers(loaded.configuration.workers), self.apply(loaded),
            self.startAdmin(loaded.configuration.admin)
        else { return .invalid }
        self.metrics.reloaded(isInForce: true, generation: self.generation)
        self.telemetry.start()
        self.mixer.pipeline.start()
        self.housekeeping = RepeatingTimer(self.loop, every: .seconds(60)) { [unowned self] in
            self.filterHost.sweep(self.loop.now)
            self.tls.rotateTickets(self.loop.now)
            self.mixer.sweep()
        }
        self.watchdog = Watchdog(self.workers, loop: self.loop, log: self.log)
        self.log.write(.info, "gateway", "ready", ["workers": "\(self.workers.count)"])
        self.loop.run()
        self.mixer.pipeline.stop()
        self.telemetry.stop()
        return .success
    }

    private func startAdmin(_ configured: AdminConfiguration?) -> Bool {
        guard let configured, let address = SocketAddress(parsing: configured.address.description) else {
            return true
        }
        do {
            let admin = try AdminServer(self, address: address)
            self.admin = admin
            self.log.write(.info, "admin", "listening", ["address": "\(admin.address)"])
            if let path = self.options.adminAddressPath { try TextFile.write(admin.address, to: path) }
            return true
        } catch {
            self.log.write(.critical, "admin", "\(error)")
            return false
        }
    }

    private func startWorkers(_ configured: Int?) -> Bool {
        let count = configured ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        self.sockets = ListeningSockets(workers: count)
        let descriptorLimit = DescriptorLimit.raise()
        do {
            for index in 0..<count {
                let telemetry = self.telemetry.makeWorker(index: index)
                let ring = self.mixer.pipeline.makeRing(worker: index, cells: telemetry.cells)
                let worker = try Worker(
                    index: index, telemetry: telemetry, filterMetrics: self.telemetry.filterDefinedMetrics,
                    mixer: MixerWorker(
                        ring: ring, registry: self.telemetry.registry, cells: telemetry.cells)
                )
                worker.descriptorLimit = descriptorLimit
                self.workers.append(worker)
            }
        } catch {
            self.log.write(.critical, "gateway", "cannot make a worker: \(error)")
            return false
        }
        if let first = self.workers.first {
            first.health = HealthMonitor(first, self.workers, HealthMetrics(self.telemetry.registry))
        }
        self.runningWorkers = count
        WorkerActivity.reportCrashes()
        for worker in self.workers {
            let didStart = WorkerThread.start(name: "worker-\(worker.index)") {
                worker.activity.adopt()
                worker.loop.run()
            }
            if !didStart {
                self.log.write(.critical, "gateway", "cannot start thread \(worker.index + 1) of \(count)")
                return false
            }
        }
        return true
    }

    // MARK: Configuration

    /// Reads the configuration again; a bad one leaves the present one in force.
    func reload() {
        // Whoever has asked for the end wants no listener opened any more.
        if self.isEnding { return self.log.write(.info, "config", "not read: the process is to end") }
        var isInForce = false
        switch GatewayConfiguration.load(path: self.options.path) {
        case .loaded(let loaded): isInForce = self.apply(loaded)
        case .invalid(let problems): for problem in problems { self.report(problem) }
        case .unreadable(let reason): self.log.write(.error, "config", "\(self.options.path): \(reason)")
        }
        self.metrics.reloaded(isInForce: isInForce, generation: self.generation)
        if isInForce {
            self.log.write(.info, "config", "in force", ["generation": "\(self.generation)"])
        } else {
            self.log.write(.error, "config", "refused; generation \(self.generation) stays in force")
        }
    }

    /// Compiles a configuration and brings it into force everywhere, or nowhere.
    private func apply(_ loaded: LoadedConfiguration) -> Bool {
        let configuration = loaded.configuration
        let candidate = Candidate(loaded, self.filters, self.tls, self.mixer, path: self.options.path)
        for problem in candidate.problems { self.report(problem) }
        let resolved = candidate.filters
        if !candidate.isUsable {
            // What mends it may be a file that only this configuration names.
            self.watch(self.watched.union(candidate.watched))
            return false
        }
        let mixer = self.mixer.prepare(candidate.mixer)
        let snapshot = SnapshotCompiler(
            configuration: configuration, plans: resolved.plans,
            gauges: self.gauges, mixer: mixer.plan,
            checkSeries: self.telemetry.filterMetrics.series(filter: "mixer", phases: MixerFilter.phaseNames),
            tls: candidate.tls
        ).compile(candidate.routes, generation: self.generation + 1)
        do {
            try AccessLogProbe.run(configuration.accessLog)
            let opened = try self.sockets.open(snapshot.listeners)
            let endpoints = self.names.adopt(configuration.services)
            for (worker, sockets) in zip(self.workers, opened) {
                worker.loop.mailbox.send { worker.install(snapshot, sockets, endpoints) }
            }
            let new = opened.first ?? [:]
            self.sockets.adopt(snapshot.listeners, new)
            for listener in snapshot.listeners where new[listener.place] != nil {
                self.log.write(.info, "listener", "listening", ["address": "\(self.boundAddress(listener))"])
            }
        } catch {
            self.mixer.abandon(mixer)
            self.log.write(.error, "config", "cannot be brought into force: \(error)")
            return false
        }
        self.filters.adopt(resolved)
        self.mixer.adopt(mixer)
        self.tls.adopt(candidate.tls)
        self.metrics.staleScripts(self.filters.staleScripts)
        self.warnOfRestart(configuration)
        self.generation += 1
        self.current = snapshot
        let schemas = resolved.schemas.merging(candidate.mixer.schemas) { $1 }
        self.dump = loaded.redactedJSON { schemas[$0] }
        self.watched = candidate.watched
        self.watch(candidate.watched)
        self.watchNames()
        return true
    }

    /// Says what of a reload does not take effect.
    private func warnOfRestart(_ configuration: GatewayConfiguration) {
        guard let running = self.atStart else {
            self.atStart = configuration
            return
        }
        var changed: [String] = []
        if configuration.workers != running.workers { changed.append("workers") }
        if configuration.admin?.address != running.admin?.address { changed.append("admin") }
        for key in changed {
            self.log.write(.warning, "config", "a change of `\(key)` takes effect with a restart")
        }
    }

    /// Reloads when the configuration, a plugin's file or a script changes.
    private func watch(_ paths: Set<String>) {
        do {
            let files = try self.files ?? FileWatch(self.loop) { [unowned self] in self.reload() }
            self.files = files
            for failure in files.watch(paths.union([self.options.path])) {
                self.log.write(.warning, "config", "cannot watch for changes: \(failure)")
            }
        } catch {
            self.log.write(.warning, "config", "cannot watch for changes: \(error)")
        }
    }

    // MARK: For the admin endpoint

    var isReady: Bool { !self.isDraining && self.current != nil && self.namesAreSettled }

    /// `LIVE`, or what else the gateway is.
    var state: String { self.isDraining ? "DRAINING" : self.isReady ? "LIVE" : "INITIALIZING" }

    /// The address that a listener was bound to: with the port that the system chose, when that was 0.
    func boundAddress(_ listener: ListenerPlan) -> String {
        self.sockets.addresses[listener.place] ?? listener.address
    }

    func drainListeners() {
        self.isDraining = true
        for worker in self.workers { worker.loop.mailbox.send { worker.drainListeners() } }
    }

    /// Asks every worker, and goes on here with what they said, in no order.
    func gather<Part: Sendable>(_ ask: @escaping @Sendable (Worker) -> Part, then: @escaping ([Part]) -> Void)
    {
        let gathering = Gathering(count: self.workers.count, then)
        for worker in self.workers {
            worker.loop.mailbox.send {
                let part = ask(worker)
                self.loop.mailbox.send { gathering.add(part) }
            }
        }
    }

    private func report(_ problem: ConfigProblem) {
        self.log.write(
            problem.severity == .error ? .error : .warning, "config", "\(self.options.path):\(problem)")
    }

    // MARK: Signals

    private func received(signal: Int32) {
        switch signal {
        case SIGHUP: self.reload()
        case SIGUSR1: self.mixer.reopen()
        default: self.isEnding ? self.loop.stop() : self.drain()
        }
    }

    /// Answers what has begun and then ends; a second signal ends at once.
    private func drain() {
        self.isDraining = true
        self.isEnding = true
        let timer = DeadlineTimer(owner: self.drainLimit)
        self.drainTimer = timer
        self.loop.timers.set(timer, at: self.loop.now.advanced(by: Self.drainTime))
        self.log.write(.info, "gateway", "draining")
        for worker in self.workers {
            worker.loop.mailbox.send {
                worker.drain { [self] in self.loop.mailbox.send { self.workerDrained() } }
            }
        }
    }

    private func workerDrained() {
        self.runningWorkers -= 1
        if self.runningWorkers == 0 { self.loop.stop() }
    }
}

/// Ends the control loop when draining takes too long.
private final class DrainLimit: EventHandler {
    private let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    override func timerFired(_ timer: DeadlineTimer) { self.loop.stop() }
}

/// Parts of an answer, until all are there. For the control thread.
private final class Gathering<Part>: @unchecked Sendable {
    // SAFETY: made and added to on the control thread only; workers just carry the reference.
    private var parts: [Part] = []
    private let count: Int
    private let then: ([Part]) -> Void

    init(count: Int, _ then: @escaping ([Part]) -> Void) {
        self.count = count
        self.then = then
    }

    func add(_ part: Part) {
        self.parts.append(part)
        if self.parts.count == self.count { self.then(self.parts) }
    }
}
