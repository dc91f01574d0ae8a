internal import Filtering
internal import Primitives
internal import Reactor

extension ServerConnection {
    /// A fact of the connection alone; `.none` for what only a request or a relay knows.
    ///
    /// - Parameter lend: Keeps a text for as long as the value is used.
    func value(of attribute: KnownAttribute, lend: (String) -> ByteView) -> AttributeValue {
        switch attribute {
        case .sourceAddress: return .bytes(self.peerHost)
        case .sourcePort: return .integer(Int64(self.peerPort))
        case .connectionRemoteAddress: return .bytes(self.peer.view)
        case .connectionLocalAddress: return .bytes(self.local.view)
        case .connectionID: return .integer(Int64(clamping: self.id))
        case .connectionMTLS:
            return .bytes(ByteView(self.tls?.hasPeerCertificate == true ? "true" : "false"))
        case .connectionRequestedServerName:
            let name = self.requestedServerName
            return name.isEmpty ? .none : .bytes(name)
        case .listenerName: return .bytes(lend(self.plan.name))
        default: return self.tls?.text(of: attribute).map { .bytes(lend($0)) } ?? .none
        }
    }
}
