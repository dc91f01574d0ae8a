internal import Filtering
internal import HTTPCodec
internal import Primitives

/// A request of seven fields and its response of 100 bytes over one HTTP/2 connection, its table filled.
enum HTTP2Benchmarks {
    static let all = [
        Benchmark(name: "http2-server", prepare: { Self.server }),
        Benchmark(name: "http2-both-sides", prepare: { Self.bothSides }),
    ]

    /// Takes requests, and answers each as soon as it is there.
    private final class Server: HTTP2Handler {
        let out = ByteBuffer(capacity: 64 << 10)
        let request = HeaderBlock()
        let response = HeaderBlock()
        let body = ByteBuffer(capacity: 128)
        private(set) lazy var session = HTTP2Session(side: .server, handler: self)

        override init() {
            super.init()
            var parser = ResponseHeadParser()
            var facts = ResponseFacts()
            Samples.responseHead.withByteView {
                _ = parser.parse($0, into: self.response, facts: &facts, requestWasHead: false)
            }
            for _ in 0..<100 { self.body.append(0x78) }
            self.session.start()
        }

        override func output() -> ByteBuffer { self.out }
        override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock { self.request }

        override func requestHead(_ stream: HTTP2Stream, _ facts: RequestFacts, endOfStream: Bool) {
            self.session.sendResponse(
                stream, self.response, framing: .length(100), options: ResponseHeadOptions(),
                endOfStream: false)
            self.session.sendBody(stream, self.body.view, endOfStream: true)
        }
    }

    private final class Client: HTTP2Handler {
        let out = ByteBuffer(capacity: 64 << 10)
        let request = HeaderBlock()
        let response = HeaderBlock()
        var received: UInt64 = 0
        private(set) lazy var session = HTTP2Session(side: .client, handler: self)

        override init() {
            super.init()
            var parser = RequestHeadParser()
            var facts = RequestFacts()
            Samples.requestHead.withByteView { _ = parser.parse($0, into: self.request, facts: &facts) }
            self.session.start()
        }

        override func output() -> ByteBuffer { self.out }
        override func block(for stream: HTTP2Stream, isTrailers: Bool) -> HeaderBlock { self.response }
        override func body(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
            self.received &+= UInt64(bytes.count)
        }

        func ask() {
            _ = self.session.sendRequest(
                self.request, framing: .none, options: RequestHeadOptions(), endOfStream: true)
        }
    }

    private static let now = MonotonicTime(nanoseconds: 1_000_000_000)

    private static func carry(_ client: Client, _ server: Server) {
        _ = server.session.receive(client.out.view, now: Self.now)
        client.out.reset()
        _ = client.session.receive(server.out.view, now: Self.now)
        server.out.reset()
    }

    private static func bothSides(_ iterations: Int) -> UInt64 {
        let client = Client()
        let server = Server()
        for _ in 0..<iterations {
            client.ask()
            Self.carry(client, server)
        }
        return client.received
    }

    /// The server alone: the bytes of one request again and again, each time with the next stream's number.
    private static func server(_ iterations: Int) -> UInt64 {
        let client = Client()
        let server = Server()
        for _ in 0..<4 {
            client.ask()
            Self.carry(client, server)
        }
        client.ask()
        let bytes = client.out
        var sum: UInt64 = 0
        for index in 0..<iterations {
            let number = UInt32(index) * 2 + 9
            for place in 0..<4 {
                bytes.replace(
                    at: 5 + place, with: UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32(place))))
            }
            _ = server.session.receive(bytes.view, now: Self.now)
            sum &+= UInt64(server.out.count)
            server.out.reset()
            // As the client would say now and then.
            if index % 64 == 63 { Self.openWindow(server) }
        }
        return sum
    }

    private static let windowUpdate: [UInt8] = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0x19, 0]

    private static func openWindow(_ server: Server) {
        Self.windowUpdate.withByteView { _ = server.session.receive($0, now: Self.now) }
    }
}
