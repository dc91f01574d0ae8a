internal import Filtering
internal import GatewayConfig
internal import HTTPCodec
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry

/// What a connection must know of its listener.
///
/// A class, so that a connection holds one reference and not a dozen values.
final class ListenerPlan: Sendable {
    let name: String
    /// ``name``, to be lent.
    let label: LastingText
    let address: String
    /// What its sockets are known by: the address, and with port 0 the name too, so that each such listener
    /// has a port of its own.
    let place: String
    let `protocol`: ListenerProtocol
    let acceptsProxyHeader: Bool
    /// Its connections, and how many there may be (0: any number).
    let gauge: ConnectionGauge
    let connectionLimit: Int
    let trustedHops: Int
    let normaliser: PathNormaliser
    let limits: HeadLimits
    let allowsConnect: Bool
    let upgrades: [String]
    let http2: HTTP2Settings
    /// Nanoseconds: of a client's silence until it is asked by PING, 0 for never; for its answer.
    let keepAliveInterval, keepAliveTimeout: UInt64
    /// Nanoseconds: until a head is complete; of silence in a body; of an unused connection.
    let headerTimeout, bodyTimeout, idleTimeout: UInt64
    /// Nanoseconds until a silent client is taken for one of TCP; 0: for ever.
    let detectionTimeout: UInt64
    /// Of requests, and of connections that carry none.
    let filters, networkFilters: [FilterPlan]
    /// nil: plain text.
    let tls: TLSServerContext?
    /// Nobody is served who has not shown a certificate.
    let requiresCertificate: Bool
    let clientCertificates: ClientCertificateForwarding

    init(
        _ listener: ListenerConfiguration, gauge: ConnectionGauge, filters: [FilterPlan],
        tls: TLSServerContext?
    ) {
        self.name = listener.name
        self.label = LastingText(listener.name)
        self.address = listener.address.description
        self.place =
            listener.address.port == 0
            ? "\(listener.name)@\(listener.address)" : listener.address.description
        self.protocol = listener.protocol
        self.acceptsProxyHeader = listener.proxyProtocol == .accept
        self.gauge = gauge
        self.connectionLimit = listener.maxConnections ?? 0
        self.trustedHops = listener.forwarded.trustedHops
        self.normaliser = PathNormaliser(
            mergeSlashes: listener.pathNormalization.mergeSlashes,
            escapedSlashes: PathNormaliser.EscapedSlashes(listener.pathNormalization.escapedSlashes)
        )
        self.limits = HeadLimits(listener.limits)
        self.allowsConnect = listener.allowsConnect
        self.upgrades = listener.upgrades
        self.http2 = HTTP2Settings(listener)
        self.keepAliveInterval = listener.http2.keepAliveInterval?.nanoseconds ?? 0
        self.keepAliveTimeout = listener.http2.keepAliveTimeout.nanoseconds
        self.headerTimeout = listener.timeouts.header.nanoseconds
        self.bodyTimeout = listener.timeouts.body.nanoseconds
        self.idleTimeout = listener.timeouts.idle.nanoseconds
        self.detectionTimeout = listener.timeouts.detection?.nanoseconds ?? 0
        self.filters = filters.filter { !$0.blueprint.isNetwork }
        self.networkFilters = filters.filter(\.blueprint.isNetwork)
        self.tls = tls
        self.requiresCertificate = listener.tls?.clientAuthentication.mode == .require
        self.clientCertificates = listener.clientCertificateForwarding
    }
}
