internal import Expressions
internal import Filtering
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

/// The attributes of an exchange, as expressions ask for them. One a worker, lent to one exchange at a time.
final class ExchangeBag: MixerBag {
    // SAFETY: set for the length of a call of the exchange itself, whose worker owns both. Unmanaged, and
    // looked through without a reference counted: a record asks for some thirty attributes.
    private var lent: Unmanaged<Exchange>?
    private var exchange: Exchange? { self.lent?.takeUnretainedValue() }
    private var hasGenerated = false

    /// Lends the bag for the length of one call.
    func with<Result>(_ exchange: Exchange, _ body: () -> Result) -> Result {
        self.lent = .passUnretained(exchange)
        self.hasGenerated = exchange.generatedAttributes != nil
        defer { self.lent = nil }
        return body()
    }

    /// One that began under rules without spans has no trace.
    override var isTraced: Bool { self.exchange?.isTraced ?? false }

    override var generated: GeneratedAttributes? {
        get { self.exchange?.generatedAttributes }
        set {
            self.exchange?.generatedAttributes = newValue
            self.hasGenerated = newValue != nil
        }
    }

    override func value(of id: AttributeID) -> Value {
        guard let lent = self.lent, let attribute = StandardAttribute(id) else { return .absent }
        return lent._withUnsafeGuaranteedRef { exchange in
            if self.hasGenerated, let made = exchange.generatedAttributes?.value(of: id) { return made }
            return exchange.value(of: attribute)
        }
    }

    override func entry(of id: AttributeID, _ key: ByteView) -> Value {
        guard let block = self.block(id), let value = block.first(named: key) else { return .absent }
        return .string(value)
    }

    override func entryCount(of id: AttributeID) -> Int { self.block(id)?.count ?? 0 }

    override func entry(of id: AttributeID, at index: Int) -> (key: ByteView, value: ByteView) {
        guard let block = self.block(id) else { return (.empty, .empty) }
        let field = block[index]
        return (block.name(field), block.value(field))
    }

    private func block(_ id: AttributeID) -> HeaderBlock? {
        switch StandardAttribute(id) {
        case .requestHeaders: self.exchange?.request
        // Until the head is complete, its fields lie nowhere yet.
        case .responseHeaders: self.exchange.flatMap { $0.response.status == 0 ? nil : $0.response }
        default: nil
        }
    }
}

extension Exchange {
    /// The value of a standard attribute now; texts live in the exchange, its connection or its snapshot.
    func value(of attribute: StandardAttribute) -> Value {
        switch attribute {
        case .requestMethod: return .string(self.request.method)
        case .requestPath: return .string(self.request.path)
        case .requestHost: return .string(self.request.authority)
        case .requestScheme: return .string(self.request.scheme)
        case .requestID: return self.field(.xRequestID)
        case .requestUseragent: return self.field(.userAgent)
        case .requestReferer: return self.field(.referer)
        case .requestAPIKey: return self.field(.xAPIKey)
        case .requestSize: return .int(Int64(clamping: self.record.requestBytes))
        case .requestTime: return .timestamp(nanoseconds: self.record.startTime)
        case .requestHeaders: return .attributeMap(attribute.id)
        case .responseHeaders: return self.response.status == 0 ? .absent : .attributeMap(attribute.id)
        case .responseCode: return self.record.status == 0 ? .absent : .int(Int64(self.record.status))
        case .responseSize: return .int(Int64(clamping: self.record.responseBytes))
        case .responseDuration:
            let end = self.record.ended == 0 ? self.loop.now.nanoseconds : self.record.ended
            return .duration(nanoseconds: Int64(clamping: end - min(end, self.record.started)))
        case .responseTime:
            guard self.record.upstreamFirstByte > self.record.started else { return .absent }
            return .timestamp(
                nanoseconds: self.record.startTime + self.record.upstreamFirstByte - self.record.started)
        case .responseFlags:
            return self.record.flags.isEmpty ? .string(ByteView("-")) : self.known(.responseFlags)
        case .responseGRPCStatus:
            guard let status = self.record.grpcStatus else { return .absent }
            return .string(ByteView(Self.smallNumbers[Int(min(status.rawValue, 16))]))
        case .responseCodeDetails: return .string(self.lentDetails)
        case .connectionMTLS: return self.ofConnection { .bool($0.tls?.hasPeerCertificate == true) }
        case .connectionID: return .int(Int64(clamping: self.record.connectionID))
        case .destinationPort:
            return self.request.view(self.upstreamAddress).endpoint.map { .int(Int64($0.port)) } ?? .absent
        case .requestOriginalPath: return .string(self.request.view(self.originalPath ?? self.receivedPath))
        case .requestProtocol: return .string(ByteView(self.record.protocol.name))
        case .upstreamAddress:
            return self.upstreamAddress.length == 0
                ? .absent : .string(self.request.view(self.upstreamAddress))
        case .routeName:
            self.resolveRoute()
            return self.rule.map { .string($0.label.view) } ?? .absent
        case .destinationServiceName: return self.pool.map { .string($0.label.view) } ?? .absent
        case .listenerName: return self.ofConnection { .string($0.plan.label.view) }
        case .connectionLocalAddress: return self.ofConnection { .string($0.local.view) }
        case .connectionRemoteAddress: return self.ofConnection { .string($0.peer.view) }
        case .connectionRequestedServerName:
            return self.ofConnection {
                let name = $0.requestedServerName
                return name.isEmpty ? .absent : .string(name)
            }
        case .sourceIP, .originIP, .destinationIP: return self.address(attribute)
        case .contextProtocol, .apiProtocol:
            return .string(ByteView(self.record.isGRPC ? "grpc" : "http"))
        case .contextTime: return .timestamp(nanoseconds: self.loop.wallTime.nanosecondsSinceEpoch)
        case .contextReporterKind: return .string(ByteView("outbound"))
        case .checkErrorCode: return self.hasChecks ? .int(Int64(self.checkCode)) : .absent
        case .checkErrorMessage:
            return self.checkCode == 0 ? .absent : .string(self.lend(self.checkMessage))
        case .checkCacheHit: return self.checkPosition.isCacheHit.map { .bool($0) } ?? .absent
        case .posternVersion: return .string(self.lend(Gateway.version))
        case .posternWorker: return .int(Int64(self.home.index))
        case .posternAttempts: return .int(Int64(self.record.attempts))
        case .posternUpstreamServiceTime:
            return self.record.upstreamServiceTime.map { .duration(nanoseconds: Int64(clamping: $0)) }
                ?? .absent
        case .posternTraceID: return self.isTraced ? .string(self.trace.traceID) : .absent
        case .posternSpanID: return self.isTraced ? .string(self.trace.spanID) : .absent
        case .posternParentSpanID:
            return !self.isTraced || self.trace.parentID.isEmpty ? .absent : .string(self.trace.parentID)
        case .posternGRPCStatusName:
            return self.record.grpcStatus.map { .string(ByteView($0.name)) } ?? .absent
        default: return attribute.known.map { self.known($0) } ?? .absent
        }
    }

    /// What the client's connection knows, without a reference counted.
    @inline(__always)
    private func ofConnection(_ value: (ServerConnection) -> Value) -> Value {
        guard let client = self.client else { return .absent }
        // SAFETY: the client's stream and its connection outlive the exchange's use of them (see `client`).
        return Unmanaged.passUnretained(client)._withUnsafeGuaranteedRef { client in
            Unmanaged.passUnretained(client.connection)._withUnsafeGuaranteedRef(value)
        }
    }

    private static let smallNumbers: [StaticString] = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    ]

    private func field(_ id: HeaderID) -> Value { self.request.first(id).map { .string($0) } ?? .absent }

    private func known(_ attribute: KnownAttribute) -> Value {
        Value(self.value(of: Attribute.known(attribute)))
    }

    private func address(_ attribute: StandardAttribute) -> Value {
        if attribute == .destinationIP {
            return self.request.view(self.upstreamAddress).endpoint.map { .ip($0.host) } ?? .absent
        }
        guard let connection = self.client?.connection else { return .absent }
        return IPAddress(self.clientAddress(connection)).map { .ip($0) } ?? .absent
    }
}
