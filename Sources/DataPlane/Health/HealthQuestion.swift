internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Primitives
internal import Telemetry

/// What an endpoint is asked, and what of its answers is well.
struct HealthQuestion {
    private let isGRPC: Bool
    private let path: String
    private let body: [UInt8]
    private let timeout: UInt64
    private let service: String

    init(_ check: HealthCheck, of service: String) {
        self.service = service
        self.timeout = check.timeout.nanoseconds
        switch check.kind {
        case .http(let path):
            self.isGRPC = false
            self.path = path
            self.body = []
        case .grpc(let name):
            self.isGRPC = true
            self.path = "/grpc.health.v1.Health/Check"
            // A message whose first field is the name, when that is not empty.
            let name = Array(name.utf8)
            let message = name.isEmpty ? [] : [0x0A, UInt8(name.count)] + name
            self.body = [0, 0, 0, 0, UInt8(message.count)] + message
        }
    }

    /// The request for the endpoint at `address`.
    func callout(_ address: String) -> Callout {
        let head = HeaderBlock(capacity: 256)
        head.set(ByteView(":method"), ByteView(self.isGRPC ? "POST" : "GET"))
        head.set(ByteView(":scheme"), ByteView("http"))
        _ = address.withByteView { head.set(ByteView(":authority"), $0) }
        _ = self.path.withByteView { head.set(ByteView(":path"), $0) }
        head.add(.userAgent, ByteView("postern-health-check"))
        if self.isGRPC {
            head.add(.contentType, ByteView("application/grpc"))
            head.add(ByteView("te"), ByteView("trailers"))
        }
        return Callout(
            service: self.service, head: head, body: self.body, timeout: self.timeout, answerLimit: 1 << 16)
    }

    /// Whether the endpoint is well, and what it said; nil when nothing can be said because no connection was
    /// free.
    func judge(_ result: CalloutResult) -> (isWell: Bool, reason: String)? {
        switch result {
        case .failed(.overflow): nil
        case .failed(let failure): (false, "\(failure)")
        case .answer(let head, let body, let trailers):
            self.isGRPC
                ? self.judge(head, body, trailers) : ((200..<300).contains(head.status), "\(head.status)")
        }
    }

    private func judge(
        _ head: HeaderBlock, _ body: ByteView, _ trailers: HeaderBlock
    ) -> (isWell: Bool, reason: String) {
        guard head.status == 200 else { return (false, "\(head.status)") }
        let name = ByteView("grpc-status")
        guard let value = trailers.first(named: name) ?? head.first(named: name) else {
            return (false, "no grpc-status")
        }
        let status = GRPCStatus(parsing: value)
        guard status == .ok else { return (false, "\(status.name)") }
        // The message's only field: 1 is SERVING.
        let isServing = body.count >= 7 && body[0] == 0 && body[5] == 0x08 && body[6] == 1
        return (isServing, isServing ? "SERVING" : "NOT_SERVING")
    }
}
