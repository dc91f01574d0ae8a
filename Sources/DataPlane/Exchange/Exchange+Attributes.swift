internal import Filtering
internal import Primitives
internal import Reactor
internal import Telemetry
internal import Upstreams

extension Exchange {
    /// The value of an attribute now; texts live in the exchange, its connection or its snapshot.
    func value(of attribute: Attribute) -> AttributeValue {
        switch attribute {
        case .requestHeader(let name): self.field(name, in: self.request)
        case .responseHeader(let name):
            // Until the head is complete, its fields lie nowhere yet.
            self.response.status == 0 ? .none : self.field(name, in: self.response)
        case .metadata(let space, let key): self.value(of: self.metadata[space, key])
        case .known(let known): self.value(of: known)
        }
    }

    private func value(of metadata: MetadataValue?) -> AttributeValue {
        switch metadata {
        case .text(let text): .bytes(self.lend(text))
        case .number(let number):
            Int64(exactly: number).map { .integer($0) } ?? .bytes(self.lend("\(number)"))
        case .bool(let bool): .bytes(ByteView(bool ? "true" : "false"))
        case .list, .object, .null, nil: .none
        }
    }

    private func field(_ name: String, in block: HeaderBlock) -> AttributeValue {
        name.withByteView { block.first(named: $0) }.map { .bytes($0) } ?? .none
    }

    private func value(of attribute: KnownAttribute) -> AttributeValue {
        guard let connection = self.client?.connection else { return .none }
        let record = self.record
        switch attribute {
        case .requestMethod: return .bytes(self.request.method)
        case .requestScheme: return .bytes(self.request.scheme)
        case .requestHost: return .bytes(self.request.authority)
        case .requestPath: return .bytes(self.request.path)
        case .requestURLPath: return .bytes(self.splitPath().path)
        case .requestQuery: return .bytes(self.splitPath().query)
        case .requestOriginalPath: return .bytes(self.request.view(self.originalPath ?? self.receivedPath))
        case .requestID: return self.request.first(.xRequestID).map { .bytes($0) } ?? .none
        case .requestProtocol: return .bytes(ByteView(record.protocol.name))
        case .requestSize: return .integer(Int64(clamping: record.requestBytes))
        case .requestTime: return .integer(Int64(clamping: record.startTime))
        case .responseCode: return self.response.status == 0 ? .none : .integer(Int64(self.response.status))
        case .responseGRPCStatus:
            return record.grpcStatus.map { .integer(Int64($0.rawValue)) } ?? .none
        case .responseCodeDetails: return .bytes(self.lentDetails)
        case .responseFlags: return .bytes(self.lend(record.flags.shortNames))
        case .responseSize: return .integer(Int64(clamping: record.responseBytes))
        case .responseDuration:
            let end = record.ended == 0 ? self.loop.now.nanoseconds : record.ended
            return .integer(Int64(clamping: end - min(end, record.started)))
        case .sourceAddress: return .bytes(self.clientAddress(connection))
        case .routeName:
            self.resolveRoute()
            return self.rule.map { .bytes(self.lend($0.routeName)) } ?? .none
        case .destinationServiceName: return self.pool.map { .bytes(self.lend($0.name)) } ?? .none
        case .upstreamAddress:
            return self.upstreamAddress.length == 0 ? .none : .bytes(self.request.view(self.upstreamAddress))
        default: return connection.value(of: attribute) { self.lend($0) }
        }
    }

    var lentDetails: ByteView { self.details.map { self.lend($0) } ?? ByteView("via_upstream") }

    private func splitPath() -> (path: ByteView, query: ByteView) {
        let path = self.request.path
        guard let mark = path.firstIndex(of: 0x3F) else { return (path, .empty) }
        return (path[0..<mark], path.dropFirst(mark + 1))
    }

    func lend(_ text: String) -> ByteView { text.withByteView { self.lentTexts.add($0, self.loop) } }
}
