internal import Expressions
internal import Filtering
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry

/// The attributes of a connection that carries no requests, as expressions ask for them. One a worker.
final class ConnectionBag: MixerBag {
    private var facts: ConnectionFacts?
    private let texts = LentTexts()

    /// No trace goes through bytes that nobody understands.
    override var isTraced: Bool { false }

    /// Holds the facts for the length of one call.
    func with(_ facts: ConnectionFacts, _ body: () -> Void) {
        self.facts = facts
        body()
        self.facts = nil
        self.texts.reset(facts.connection.loop)
    }

    override func value(of id: AttributeID) -> Value {
        guard let facts = self.facts, let attribute = StandardAttribute(id) else { return .absent }
        return self.value(of: attribute, facts)
    }

    private func value(of attribute: StandardAttribute, _ facts: ConnectionFacts) -> Value {
        let (record, connection) = (facts.record, facts.connection)
        switch attribute {
        case .connectionEvent: return .string(ByteView(facts.event.name))
        case .connectionReceivedBytes: return .int(Int64(clamping: facts.received))
        case .connectionReceivedBytesTotal: return .int(Int64(clamping: record.requestBytes))
        case .connectionSentBytes: return .int(Int64(clamping: facts.sent))
        case .connectionSentBytesTotal: return .int(Int64(clamping: record.responseBytes))
        case .connectionDuration:
            let end = record.ended == 0 ? connection.loop.now.nanoseconds : record.ended
            return .duration(nanoseconds: Int64(clamping: end - min(end, record.started)))
        case .connectionMTLS: return .bool(connection.tls?.hasPeerCertificate == true)
        case .requestProtocol: return self.lend(record.protocol.name)
        case .responseFlags: return .string(self.lend(record.flags.shortNames))
        case .responseCodeDetails: return self.text(facts.details)
        case .sourceIP, .originIP: return IPAddress(connection.peerHost).map { .ip($0) } ?? .absent
        case .destinationIP: return facts.endpoint.map { .ip($0.host) } ?? .absent
        case .destinationPort: return facts.endpoint.map { .int(Int64($0.port)) } ?? .absent
        case .upstreamAddress: return self.lend(facts.upstreamAddress)
        case .destinationServiceName: return self.text(facts.service)
        case .routeName: return self.text(facts.route)
        case .contextProtocol: return .string(ByteView("tcp"))
        case .contextTime: return .timestamp(nanoseconds: connection.loop.wallTime.nanosecondsSinceEpoch)
        case .contextReporterKind: return .string(ByteView("outbound"))
        case .posternVersion: return self.text(Gateway.version)
        case .posternWorker: return .int(Int64(connection.home.index))
        case .posternAttempts: return .int(Int64(record.attempts))
        case .posternUpstreamServiceTime:
            return record.upstreamServiceTime.map { .duration(nanoseconds: Int64(clamping: $0)) } ?? .absent
        default:
            guard let known = attribute.known else { return .absent }
            return Value(connection.value(of: known) { self.lend($0) })
        }
    }

    private func lend(_ text: String) -> ByteView {
        guard let loop = self.facts?.connection.loop else { return .empty }
        return text.withByteView { self.texts.add($0, loop) }
    }

    private func text(_ text: String) -> Value { text.isEmpty ? .absent : .string(self.lend(text)) }
    private func lend(_ text: StaticString) -> Value { self.lend(ByteView(text)) }
    private func lend(_ view: ByteView) -> Value { view.isEmpty ? .absent : .string(view) }
}

extension ConnectionFacts {
    /// The endpoint's address.
    fileprivate var endpoint: (host: IPAddress, port: UInt16)? { self.upstreamAddress.endpoint }
}

extension Worker {
    /// Tells the rules of a connection.
    func report(_ facts: ConnectionFacts) {
        guard let mixer = self.snapshot?.mixer, mixer.plan.hasReports else { return }
        self.connectionBag.with(facts) {
            mixer.report(
                self.connectionBag, isEnd: facts.event == .close,
                time: self.loop.wallTime.nanosecondsSinceEpoch, now: self.loop.now.nanoseconds)
        }
    }
}
