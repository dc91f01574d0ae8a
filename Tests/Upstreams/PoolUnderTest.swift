import Filtering
import GatewayConfig
import HTTPCodec
import Primitives
import Reactor
import TestSupport
import Testing
import Upstreams

/// A service's pool in a loop that the test turns, with plain sockets for endpoints.
final class PoolUnderTest {
    let loop: EventLoop
    let pool: ServicePool
    private(set) var random = RandomSource(seed: (1, 2, 3, 4))

    init(
        _ addresses: [String], limits: PoolLimits = PoolLimits(),
        timeouts: ServiceTimeouts = ServiceTimeouts()
    ) throws {
        self.loop = try EventLoop()
        self.pool = try ServicePool(
            Self.service(addresses, limits, timeouts), loop: self.loop, random: &self.random)
    }

    static func service(
        _ addresses: [String], _ limits: PoolLimits = PoolLimits(),
        _ timeouts: ServiceTimeouts = ServiceTimeouts()
    ) throws -> ServiceConfiguration {
        ServiceConfiguration(
            name: "service",
            endpoints: try addresses.map {
                EndpointConfiguration(try #require(ListenAddress($0)))
            },
            pool: limits, timeouts: timeouts)
    }

    func update(_ addresses: [String]) throws {
        self.pool.update(try Self.service(addresses), random: &self.random)
    }
    func retire() { self.pool.retire(random: &self.random) }

    func acquire(_ sink: UpstreamSink, excluding tried: TriedEndpoints = TriedEndpoints())
        -> ServicePool.Acquired
    {
        self.pool.acquire(sink, excluding: tried, random: &self.random)
    }

    /// Sends a GET for a sink that has got, or gets, a connection.
    func ask(_ sink: RecordingSink, _ path: String = "/") {
        sink.path = path
        switch self.acquire(sink) {
        case .connection(let connection): sink.send(connection)
        case .waiting: sink.events.append("waits")
        case .failed(let error): sink.events.append("failed \(error.code)")
        }
    }

    /// Turns the loop until `condition` holds.
    func run(until condition: () -> Bool) {
        #expect(
            eventually {
                self.loop.turn(wait: false)
                return condition()
            })
    }
}

/// Writes down what becomes of a request.
final class RecordingSink: UpstreamSink {
    var events: [String] = []
    var path = "/"
    var connection: UpstreamConnection?
    var unsent: String?

    init() { super.init(response: HeaderBlock(capacity: 256), trailers: HeaderBlock(capacity: 16)) }

    func send(_ connection: UpstreamConnection) {
        self.connection = connection
        connection.begin(.init(isHead: false, isConnect: false, asksUpgrade: false, upgradeIndex: 0))
        "GET \(self.path) HTTP/1.1\r\nHost: a\r\n\r\n".withByteView { connection.send($0) }
        connection.requestEnded()
    }

    var isOver: Bool { self.events.contains { $0.hasPrefix("failed") || $0 == "ended" } }

    override func available(_ connection: UpstreamConnection) {
        self.events.append("available")
        self.send(connection)
    }
    override func head(_ facts: ResponseFacts, endOfStream: Bool) {
        self.events.append("\(self.response.status)")
        if endOfStream { self.events.append("ended") }
    }
    override func body(_ bytes: ByteView, endOfStream: Bool) {
        if !bytes.isEmpty { self.events.append(bytes.string) }
        if endOfStream { self.events.append("ended") }
    }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) {
        self.events.append("failed \(error.code)")
        self.unsent = unsent.map { $0.view.string }
    }
}
