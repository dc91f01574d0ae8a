internal import GatewayConfig
internal import Reactor

/// How a service's connections use TLS.
struct TLSUse: Equatable {
    let context: TLSClientContext
    private let serverName: String?
    /// Rules decide about names, or nobody does.
    private let isNameVerified: Bool

    /// nil without a context.
    init?(_ service: ServiceConfiguration, _ context: TLSClientContext?) {
        guard let context, let tls = service.tls else { return nil }
        self.context = context
        self.serverName = tls.sni
        self.isNameVerified = !tls.skipsVerification && tls.subjectAltNames.isEmpty
    }

    /// What TLS must know of an endpoint: it is asked for by the name that the configuration gives it.
    func peer(at endpoint: Endpoint) -> TLSPeer {
        let name = self.name(of: endpoint)
        return TLSPeer(
            self.context, serverName: name,
            verifiedName: self.isNameVerified ? name ?? endpoint.addresses.first?.host : nil)
    }

    /// A name may end with a dot, which says that it is whole; in TLS it has none (RFC 6066, 3).
    func name(of endpoint: Endpoint) -> String? {
        let name = self.serverName ?? endpoint.hostName
        return name.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
    }

    static func == (a: Self, b: Self) -> Bool {
        a.context === b.context && a.serverName == b.serverName && a.isNameVerified == b.isNameVerified
    }
}
