internal import GatewayConfig
internal import Preamble
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry

/// What stands between accept and the protocol: reads what comes before a client's own bytes, and what tells
/// where they go.
///
///     (PROXY header) ──► (which protocol?) ──► HTTP
///                               └──► (ClientHello) ──► TCP
///
/// Nothing is taken but the PROXY header: what was looked at, the protocol sees from its first byte.
final class ConnectionPreface: EventHandler {
    /// What has been found out; the connection goes on with it.
    enum Outcome {
        /// Bytes to drop; the preface waits for more.
        case needMore(dropped: Int)
        case http1, http2, tcp
        /// TLS begins, and ends here.
        case tls
        /// The connection was closed.
        case closed
    }

    private enum Step { case proxyHeader, detection, clientHello, tcp, http, tls }

    // SAFETY: the connection owns its preface, and drops it before it goes.
    private unowned(unsafe) let connection: ServerConnection
    private var step: Step
    private var detector = ProtocolDetector()
    private var parser = ClientHelloParser()
    private(set) var hello: ClientHello?
    private let timer = DeadlineTimer()
    /// Whether a byte has come that is to be detected.
    private var hasSpoken = false

    /// - Returns: nil when the listener's clients speak HTTP, or TLS, from their first byte.
    init?(_ connection: ServerConnection) {
        let plan = connection.plan
        let isKnown = plan.protocol == .http || plan.protocol == .tcp && plan.tls != nil
        if isKnown, !plan.acceptsProxyHeader { return nil }
        self.connection = connection
        // A PROXY header comes before TLS, not again within.
        let awaitsHeader = plan.acceptsProxyHeader && connection.tls == nil
        self.step = awaitsHeader ? .proxyHeader : .http
        super.init()
        self.timer.owner = self
        if !awaitsHeader { self.beginProtocol() }
        self.setTimer(self.patience)
    }

    /// The first step behind a PROXY header.
    private func beginProtocol() {
        let plan = self.connection.plan
        switch plan.protocol {
        case .http: self.step = plan.tls == nil ? .http : .tls
        case .auto: self.step = .detection
        case .tcp where plan.tls != nil: self.step = .tls
        case .tcp: self.step = self.connection.needsClientHello ? .clientHello : .tcp
        }
    }

    /// Whether what has come may yet turn out to be any protocol.
    var isDetecting: Bool { self.step == .detection && !self.mustBeTLS }

    /// Who has to show a certificate cannot do so in plain text.
    private var mustBeTLS: Bool { self.connection.plan.requiresCertificate && self.connection.tls == nil }

    /// Whether a TCP connection can begin without a byte of the client's: services may speak first.
    var isReady: Bool { self.step == .tcp }

    // MARK: Bytes

    /// Looks at what has come: all that was not dropped.
    func received(_ bytes: ByteView) -> Outcome {
        switch self.step {
        case .proxyHeader: return self.readProxyHeader(bytes)
        case .detection: return self.detect(bytes)
        case .clientHello: return self.readHello(bytes)
        case .tcp: return .tcp
        case .http: return .http1
        case .tls: return .tls
        }
    }

    private func readProxyHeader(_ bytes: ByteView) -> Outcome {
        switch ProxyHeader.read(bytes) {
        case .incomplete: return .needMore(dropped: 0)
        case .failed(let error): return self.refuse(error.details)
        case .complete(let header, let count):
            self.connection.take(header)
            self.beginProtocol()
            self.setTimer(self.patience)
            return .needMore(dropped: count)
        }
    }

    private func detect(_ bytes: ByteView) -> Outcome {
        // From the first byte on the client has the time that a head has.
        if !self.hasSpoken { self.setTimer(self.connection.plan.headerTimeout) }
        self.hasSpoken = true
        switch self.detector.detect(bytes) {
        case .needMore: return .needMore(dropped: 0)
        case .http1 where self.mustBeTLS, .http2 where self.mustBeTLS, .other where self.mustBeTLS:
            return self.refuse("tls_required")
        case .http1: return .http1
        case .http2: return .http2
        case .tls where self.connection.plan.tls != nil && self.connection.tls == nil: return .tls
        case .tls:
            self.step = .clientHello
            return self.readHello(bytes)
        case .other: return .tcp
        }
    }

    private func readHello(_ bytes: ByteView) -> Outcome {
        // A client without TLS has no name: rules that ask for none may still match.
        if bytes[0] != 0x16 { return .tcp }
        let hello = self.hello ?? ClientHello()
        self.hello = hello
        switch self.parser.parse(bytes, into: hello) {
        case .incomplete: return .needMore(dropped: 0)
        case .complete: return .tcp
        case .failed(let error): return self.refuse(error.details)
        }
    }

    private func refuse(_ details: StaticString) -> Outcome {
        self.connection.refuse(.downstreamProtocolError, "\(details)")
        return .closed
    }

    // MARK: Time

    private var patience: UInt64 {
        let plan = self.connection.plan
        guard self.step == .detection else { return plan.headerTimeout }
        return plan.detectionTimeout > 0 ? plan.detectionTimeout : plan.idleTimeout
    }

    private func setTimer(_ nanoseconds: UInt64) {
        let loop = self.connection.loop
        loop.timers.set(self.timer, at: loop.now.advanced(byNanoseconds: nanoseconds))
    }

    override func timerFired(_ timer: DeadlineTimer) {
        if self.step == .detection, !self.hasSpoken {
            // Silent between accept and its first request, or waiting for the service to speak.
            return self.connection.plan.detectionTimeout > 0 && !self.mustBeTLS
                ? self.connection.becomeTCP() : self.connection.close()
        }
        self.connection.refuse(.streamIdleTimeout, "preface_timeout")
    }

    /// Done, or the connection goes.
    func stop() { self.connection.loop.timers.remove(self.timer) }
}
