internal import Filtering
internal import Foundation
internal import GatewayConfig
internal import Mixer
internal import PluginHost
internal import Primitives
internal import Reactor
internal import Routing
internal import Synchronization
internal import Telemetry
internal import TestSupport
internal import Testing
@testable internal import DataPlane

/// One worker on a thread of its own, between sockets of the test, with filters made of closures.
final class WorkerUnderTest: Sendable {
    let worker: Worker
    let telemetry: TelemetryProcess
    let folder: TemporaryFolder
    /// Used by the test's thread alone.
    nonisolated(unsafe) private let mixer: MixerCatalogue
    private let filters: [String: Hooks]
    private let sendBuffer: Int32?
    private let addresses = Mutex<[String: String]>([:])
    private let generation = Mutex(0)
    private let opened = Mutex<[String: Socket]>([:])
    /// The worker's listening sockets, by address as configured.
    var sockets: [String: Socket] { self.opened.withLock { $0 } }

    /// - Parameters:
    ///   - configuration: YAML; ``relay(to:_:)`` makes the usual one. Its listeners name the filters as
    ///     plugins.
    ///   - filters: By that name.
    ///   - sendBuffer: The kernel's, in bytes, for connections of clients; small to make writes wait.
    init(_ configuration: String, filters: [String: Hooks] = [:], sendBuffer: Int32? = nil) throws {
        self.sendBuffer = sendBuffer
        self.folder = try TemporaryFolder()
        self.filters = filters
        self.telemetry = TelemetryProcess(log: Log(level: .critical))
        self.mixer = MixerCatalogue(
            telemetry: self.telemetry, plugins: PluginStore(), host: FilterHost())
        let worker = self.telemetry.makeWorker(index: 0)
        self.worker = try Worker(
            index: 0, telemetry: worker, filterMetrics: self.telemetry.filterDefinedMetrics,
            mixer: MixerWorker(
                ring: self.mixer.pipeline.makeRing(worker: 0, cells: worker.cells),
                registry: self.telemetry.registry, cells: worker.cells)
        )
        try self.install(configuration)
        let thread = self.worker
        Thread.detachNewThread { thread.loop.run() }
    }

    deinit {
        let worker = self.worker
        worker.loop.mailbox.send { worker.loop.stop() }
    }

    /// A listener `public` with these filters, and everything goes to a service with one endpoint.
    static func relay(
        to backend: RawBackend, filters: [String] = [], listener: String = "", service: String = ""
    ) -> String { self.relay(at: backend.address, filters, listener, service) }

    /// The same to a service that speaks HTTP/2.
    static func relay(
        to backend: HTTP2Backend, filters: [String] = [], listener: String = "", service: String = ""
    ) -> String { self.relay(at: backend.address, filters, listener, "protocol: http2\n    \(service)") }

    private static func relay(
        at address: String, _ filters: [String], _ listener: String, _ service: String
    ) -> String {
        """
        version: 1
        listeners:
          - name: public
            address: 127.0.0.1:0
            filters: [\(filters.map { "{ plugin: \($0) }" }.joined(separator: ", "))]
            \(listener)
        routes:
          - { name: all, rules: [{ service: backend }] }
        services:
          - name: backend
            endpoints: ["\(address)"]
            \(service)
        """
    }

    /// Brings a configuration into force.
    func install(_ configuration: String) throws {
        let file = try self.folder.write(configuration, to: "postern.yaml")
        guard case .loaded(let loaded) = GatewayConfiguration.load(path: file.path) else {
            throw ConfigurationError(text: "\(GatewayConfiguration.load(path: file.path))")
        }
        let configuration = loaded.configuration
        var plans: [FilterPlace: [FilterPlan]] = [:]
        for use in configuration.filterUses {
            let hooks = try #require(self.filters[use.filter.name])
            plans[use.place] = [
                FilterPlan(
                    name: use.filter.name, blueprint: TestBlueprint(use.filter.name, hooks),
                    series: .discarded)
            ]
        }
        let routes = RouteTable.compile(
            routes: configuration.routes, listenerNames: configuration.listeners.map(\.name)
        ).table
        let snapshot = SnapshotCompiler(
            configuration: configuration, plans: plans, gauges: ConnectionGauges(),
            mixer: self.mixer.prepare(
                self.mixer.resolve(configuration, directory: self.folder.url.path)
            ).plan
        ).compile(routes, generation: self.generation.withLock { $0 + 1 })
        self.generation.withLock { $0 += 1 }
        var opened: [String: Socket] = [:]
        for plan in snapshot.listeners where self.addresses.withLock({ $0[plan.address] == nil }) {
            let address = try #require(SocketAddress(parsing: plan.address))
            let socket = try Socket.listen(on: address, sharesPort: true)
            if var size = self.sendBuffer {
                // SAFETY: the kernel reads an Int32; accepted connections inherit the value.
                setsockopt(
                    socket.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            }
            opened[plan.place] = socket
            self.opened.withLock { $0[plan.address] = socket }
            self.addresses.withLock { $0[plan.address] = socket.localAddress?.description }
        }
        let worker = self.worker
        worker.loop.mailbox.send { [opened] in worker.install(snapshot, opened) }
    }

    /// Connects to the one listener, or to that of this address in the configuration.
    func connect(_ address: String? = nil, receiveBuffer: Int32? = nil) throws -> RawConnection {
        let address = try #require(
            self.addresses.withLock { all in address.map { all[$0] } ?? all.values.first })
        return try RawConnection(to: address, receiveBuffer: receiveBuffer)
    }

    /// One GET on a connection of its own.
    func ask(_ target: String) throws -> RawMessage {
        let connection = try self.connect()
        try connection.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try connection.readResponse()
    }

    /// Runs `body` on the worker's thread and gives its result.
    func onWorker<Value: Sendable>(_ body: @escaping @Sendable (Worker) -> Value) -> Value? {
        let result = Mutex<Value?>(nil)
        let worker = self.worker
        worker.loop.mailbox.send {
            let value = body(worker)
            result.withLock { $0 = value }
        }
        eventually { result.withLock { $0 != nil } }
        return result.withLock { $0 }
    }

    /// Stops the worker's thread while `body` runs, so that the worker finds all that happens meanwhile at
    /// once.
    func whileBlocked<Value>(_ body: () throws -> Value) rethrows -> Value {
        let isBlocked = DispatchSemaphore(value: 0)
        let isDone = DispatchSemaphore(value: 0)
        self.worker.loop.mailbox.send {
            isBlocked.signal()
            isDone.wait()
        }
        isBlocked.wait()
        defer { isDone.signal() }
        return try body()
    }
}

struct ConfigurationError: Error { let text: String }
