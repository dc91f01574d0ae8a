internal import Filtering
internal import HTTPCodec
internal import Mixer
internal import Primitives
internal import Reactor
internal import Telemetry

// The record of an exchange: begun with its first byte (Worker.takeExchange), filled in from its head on,
// reported at its end.

extension Exchange {
    func beginRecord(_ connection: ServerConnection) {
        if self.isRequestReceived { self.record.requestReceived = self.loop.now.nanoseconds }
        self.record.connectionID = connection.id
        self.record.listener = connection.plan.nameID
        self.record.protocol =
            self.facts.isHTTP2 ? .http2 : self.facts.minorVersion == 0 ? .http10 : .http11
        if connection.tls?.hasPeerCertificate == true { self.record.security = .mutualTLS }
        self.receivedPath = self.request.pathPlace
    }

    func beginTrace() {
        self.isTraced = true
        self.trace.begin(self.request, random: &self.home.random, scratch: self.home.text)
    }

    /// Hands the exchange to the mixer's rules, and with its texts to whoever consumes records.
    func report(_ connection: ServerConnection) {
        let telemetry = self.home.telemetry
        let bag = self.home.bag
        bag.with(self) {
            self.snapshot.mixer.report(bag, time: self.record.startTime, now: self.record.ended)
        }
        guard telemetry.wantsText else { return }
        var text = ExchangeText()
        text.method = self.request.method
        text.path = self.request.view(self.originalPath ?? self.receivedPath)
        text.authority = self.request.authority
        text.userAgent = self.request.first(.userAgent) ?? .empty
        text.requestID = self.request.first(.xRequestID) ?? .empty
        text.forwardedFor = self.request.first(.xForwardedFor) ?? .empty
        text.upstreamHost = self.request.view(self.upstreamAddress)
        text.downstreamRemoteAddress = connection.peer.view
        text.downstreamLocalAddress = connection.local.view
        text.serverName = connection.tls?.serverNameBytes ?? .empty
        self.details.withByteView {
            text.details = $0
            telemetry.record(self.record, text)
        }
    }
}
