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
        timeouts: ServiceTimeouts = ServiceTimeouts(), speaking spoken: ServiceProtocol = .http1,
        http2: HTTP2Options = HTTP2Options()
    ) throws {
        self.loop = try EventLoop()
        self.pool = try ServicePool(
            Self.service(addresses, limits, timeouts, spoken, http2), loop: self.loop, random: &self.random)
    }

    static func service(
        _ addresses: [String], _ limits: PoolLimits = PoolLimits(),
        _ timeouts: ServiceTimeouts = ServiceTimeouts(), _ spoken: ServiceProtocol = .http1,
        _ http2: HTTP2Options = HTTP2Options()
    ) throws -> ServiceConfiguration {
        var service = ServiceConfiguration(
            name: "service",
            endpoints: try addresses.map {
                EndpointConfiguration(try #require(ListenAddress($0)))
            },
            pool: limits, timeouts: timeouts)
        service.protocol = spoken
        service.http2 = http2
        return service
    }

    func update(_ addresses: [String], speaking spoken: ServiceProtocol = .http1) throws {
        self.pool.update(
            try Self.service(addresses, PoolLimits(), ServiceTimeouts(), spoken), random: &self.random)
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

    func acquire(_ sink: UpstreamSink, at address: String, isStrict: Bool = true) -> ServicePool.Acquired {
        self.pool.acquire(
            sink, EndpointOverride(address: address, isStrict: isStrict), excluding: TriedEndpoints(),
            random: &self.random)
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
    /// A body that is announced, and sent by the test.
    var framing = BodyFraming.none
    var method = "GET"
    var retry: UpstreamError.Retry?
    /// How often what waited had been written.
    var drains = 0

    init() { super.init(response: HeaderBlock(capacity: 256), trailers: HeaderBlock(capacity: 16)) }

    func send(_ stream: UpstreamStream) {
        self.stream = stream
        self.slot = stream.slot
        let head = HeaderBlock()
        let fields = [
            (":method", self.method), (":scheme", "http"), (":path", self.path), (":authority", "a"),
        ]
        for (name, value) in fields {
            name.withByteView { name in value.withByteView { _ = head.set(name, $0) } }
        }
        var options = RequestHeadOptions()
        options.via = false
        stream.begin(UpstreamStream.Request(isHead: false))
        stream.sendHead(head, framing: self.framing, options: options)
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
    override func trailersEnded() {
        let fields = (0..<self.trailers.count).map { index in
            let field = self.trailers[index]
            return "\(self.trailers.name(field).string)=\(self.trailers.value(field).string)"
        }
        self.events += ["trailers \(fields.joined(separator: " "))", "ended"]
    }
    override func drained() { self.drains += 1 }
    override func failed(_ error: UpstreamError, unsent: ByteBuffer?) {
        self.events.append("failed \(error.code)")
        self.retry = error.retry
        self.unsent = unsent.map { $0.view.string }
    }
}
