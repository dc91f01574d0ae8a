internal import Filtering
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Telemetry

// What is different for gRPC: how our own answers look, how long a call may take, how it ended.

extension Exchange {
    /// The most bytes of an answer's body that become `grpc-message`.
    private static let messageLimit = 1024

    // MARK: Answers of our own

    /// Whether an answer of ours is to be gRPC's: the request is a call, and no filter has written a gRPC
    /// answer.
    func becomesGRPC(_ reply: LocalResponse) -> Bool {
        guard self.hasRequest, GRPCMessage.isCall(self.request) else { return false }
        return !reply.headers.contains {
            let name = $0.name.lowercased()
            return name == "grpc-status"
                || (name == "content-type" && $0.value.withByteView(GRPCMessage.isType))
        }
    }

    /// Writes the head of an answer in trailers only: a status of gRPC's in a response that is 200 and has no
    /// body, as every client of gRPC expects it. The body that it would have had is the message.
    func writeGRPCHead(_ reply: LocalResponse) {
        let status = reply.grpcStatus.map { GRPCStatus(rawValue: $0) } ?? GRPCStatus(httpStatus: reply.status)
        self.response.status = 200
        self.response.add(.contentType, ByteView("application/grpc"))
        let text = self.home.text
        text.reset()
        text.appendDecimal(UInt64(status.rawValue))
        self.response.add(ByteView("grpc-status"), text.view)
        text.reset()
        if reply.body.isEmpty {
            reply.details.withByteView { GRPCMessage.encode($0, to: text) }
        } else {
            reply.body.withByteView {
                GRPCMessage.encode($0[0..<min($0.count, Self.messageLimit)], to: text)
            }
        }
        self.response.add(ByteView("grpc-message"), text.view)
        for (name, value) in reply.headers where !Self.describesBody(name) {
            _ = name.withByteView { name in value.withByteView { self.response.add(name, $0) } }
        }
    }

    private static func describesBody(_ name: String) -> Bool {
        ["content-type", "content-length", "content-encoding", "content-language"].contains(name.lowercased())
    }

    // MARK: Time

    /// How long the call may still take: the smaller of the client's `grpc-timeout`, which has run since the
    /// first byte of the request, and `limit`.
    ///
    /// - Parameter limit: The rule's or the service's, in nanoseconds; 0: none. One that is shorter is
    ///   written into the field, so that the service knows.
    func limitOfCall(_ limit: UInt64) -> UInt64 {
        let name = ByteView("grpc-timeout")
        guard let value = self.request.first(named: name), let timeout = GRPCTimeout(parsing: value) else {
            return limit
        }
        if limit > 0, limit < timeout.nanoseconds {
            let text = self.home.text
            text.reset()
            GRPCTimeout(nanoseconds: limit).write(to: text)
            self.request.set(name, text.view)
            return limit
        }
        let passed = self.loop.now.nanoseconds - min(self.record.started, self.loop.now.nanoseconds)
        return timeout.nanoseconds > passed ? timeout.nanoseconds - passed : 1
    }

    // MARK: The status

    /// Notes how the call ended, from the head of a response in trailers only, or from trailers.
    func noteGRPCStatus(in block: HeaderBlock) {
        guard self.record.isGRPC, let value = block.first(named: ByteView("grpc-status")) else { return }
        self.record.grpcStatus = GRPCStatus(parsing: value)
    }
}

extension GRPCStatus {
    /// What gRPC's clients make of an HTTP status that comes without one of gRPC.
    init(httpStatus: Int) {
        switch httpStatus {
        case 400: self = .internal
        case 401: self = .unauthenticated
        case 403: self = .permissionDenied
        case 404: self = .unimplemented
        case 429, 502, 503, 504: self = .unavailable
        default: self = .unknown
        }
    }
}
