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
        self.record.protocol =
            self.facts.isHTTP2 ? .http2 : self.facts.minorVersion == 0 ? .http10 : .http11
        self.receivedPath = self.request.pathPlace
    }

    func beginTrace() {
        self.isTraced = true
        self.trace.begin(self.request, random: &self.home.random, scratch: self.home.text)
    }

    /// Tells the rules in force now: those that it began with may have no handlers any more.
    func report() {
        let bag = self.home.bag
        let mixer = (self.home.snapshot ?? self.snapshot).mixer
        bag.with(self) { mixer.report(bag, time: self.record.startTime, now: self.record.ended) }
    }
}
