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
    func update(_ service: ServiceConfiguration, _ endpoints: EndpointList) {
        self.pool.update(service, endpoints: endpoints, random: &self.random)
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
        case .stream(let stream): sink.send(stream)
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
    /// Not to be asked anything once the request is over.
    var stream: UpstreamStream?
    var slot = 0
    var unsent: String?

    init() { super.init(response: HeaderBlock(capacity: 256), trailers: HeaderBlock(capacity: 16)) }

    func send(_ stream: UpstreamStream) {
        self.stream = stream
        self.slot = stream.slot
        let head = HeaderBlock()
        for (name, value) in [(":method", "GET"), (":path", self.path), (":authority", "a")] {
            name.withByteView { name in value.withByteView { _ = head.set(name, $0) } }
        }
        var options = RequestHeadOptions()
        options.via = false
        stream.begin(UpstreamStream.Request(isHead: false))
        stream.sendHead(head, framing: .none, options: options)
    }

    var isOver: Bool { self.events.contains { $0.hasPrefix("failed") || $0 == "ended" } }

    override func available(_ stream: UpstreamStream) {
        self.events.append("available")
        self.send(stream)
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
