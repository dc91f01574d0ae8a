internal import GatewayConfig
internal import Preamble
internal import Primitives
internal import Reactor
internal import Routing
internal import Telemetry

// From accept to what the connection speaks.

extension ServerConnection {
    /// Looks at what comes before a client's protocol, and hands on to that.
    func readPreface(_ bytes: ByteView) -> Int {
        var rest = bytes
        while let preface = self.preface, !self.isClosed {
            switch preface.received(rest) {
            case .needMore(let dropped):
                rest = rest.dropFirst(dropped)
                if preface.isReady { self.becomeTCP() }
                if rest.isEmpty || dropped == 0 { return bytes.count - rest.count }
            case .http1, .http2: self.becomeHTTP()
            case .tls:
                self.becomeSecured()
                return bytes.count - rest.count
            case .tcp: self.becomeOther()
            case .closed: return bytes.count
            }
        }
        if self.isClosed { return bytes.count }
        return bytes.count - rest.count + self.received(rest)
    }

    private func becomeOther() {
        // Nobody takes bytes here: a client that speaks HTTP badly is told so.
        if self.plan.protocol == .tcp || self.isServedByTCP { self.becomeTCP() } else { self.becomeHTTP() }
    }

    /// The client has ended before it was known what it speaks.
    func inputEnded(in preface: ConnectionPreface) {
        if !self.hasUnreadInput { return self.close() }
        guard preface.isDetecting else { return self.refuse(.downstreamProtocolError, "preface_incomplete") }
        // What has come is all there is, and is neither TLS nor HTTP.
        self.becomeOther()
        self.tellEndAgain()
    }

    /// What a PROXY header says stands for the connection's own ends.
    func take(_ header: ProxyHeader) {
        guard case .addresses(let source, let destination) = header.ends else { return }
        self.setEnds(peer: source, local: destination)
    }

    /// What a PROXY header to a service says of this connection.
    var proxyHeader: ProxyHeader {
        guard let source = self.peerHost.address else { return ProxyHeader(.own) }
        guard let local = self.localPlace else { return ProxyHeader(.own) }
        return ProxyHeader(
            .addresses(source: ProxyHeader.Place(source, port: self.peerPort), destination: local))
    }

    /// What a TCP rule may look at.
    var tcpFacts: TCPRequestFacts {
        TCPRequestFacts(
            serverName: self.requestedServerName,
            protocolList: self.hello?.protocolList ?? self.agreedProtocol, source: self.peerHost.address
        )
    }

    /// What the client has agreed to by ALPN, behind its length; valid until the worker's text is next used.
    private var agreedProtocol: ByteView {
        guard let name = self.tls?.alpn, !name.isEmpty else { return .empty }
        let text = self.home.text
        text.reset()
        text.append(UInt8(truncatingIfNeeded: name.count))
        text.append(name)
        return text.view
    }

    /// The name that the client has asked for by TLS, in lower case; empty when it has not, or nobody looked.
    var requestedServerName: ByteView {
        self.hello?.serverName ?? self.loweredName?.view ?? self.tls?.serverNameBytes ?? .empty
    }

    var isServedByTCP: Bool {
        self.home.snapshot?.shared.tcpRoutes.serves(listener: self.listener) ?? false
    }

    /// Our end, as the kernel knows it, unless a PROXY header has told.
    private var localPlace: ProxyHeader.Place? {
        if let destination = self.proxiedDestination { return destination }
        guard let address = self.socket.localAddress,
            let host = address.host.withByteView({ IPAddress($0) })
        else { return nil }
        return ProxyHeader.Place(host, port: address.port)
    }

    /// Whether some TCP rule of the listener looks at the ClientHello.
    var needsClientHello: Bool {
        self.home.snapshot?.shared.tcpRoutes.needsClientHello(listener: self.listener) ?? false
    }

    /// Ends a connection that has not come to speak its protocol, and tells the rules.
    func refuse(_ flag: ResponseFlags, _ details: String) {
        var record = ExchangeRecord()
        record.startTime = self.loop.wallTime.nanosecondsSinceEpoch
        record.started = self.loop.now.nanoseconds
        record.ended = record.started
        record.connectionID = self.id
        record.protocol = self.plan.protocol == .http ? .unknown : .tcp
        record.flags = flag
        var facts = ConnectionFacts(.close, self, record)
        facts.details = details
        self.home.report(facts)
        self.close()
    }
}

extension ByteView {
    /// The IP address that the bytes spell.
    fileprivate var address: IPAddress? { IPAddress(self) }

    /// The bytes with ASCII letters in lower case; nil when they are so already.
    var loweredCopy: ByteBuffer? {
        guard (0..<self.count).contains(where: { self[$0] != asciiLowercase(self[$0]) }) else { return nil }
        let copy = ByteBuffer(capacity: self.count)
        for index in 0..<self.count { copy.append(asciiLowercase(self[index])) }
        return copy
    }
}

extension ProxyHeader.Place {
    /// Appends `127.0.0.1:80` or `[::1]:80`.
    ///
    /// - Returns: The bytes of the address alone.
    func write(to buffer: ByteBuffer) -> Int {
        if self.address.isIPv6 { buffer.append(0x5B) }
        let start = buffer.count
        self.address.write(to: buffer)
        let length = buffer.count - start
        if self.address.isIPv6 { buffer.append(0x5D) }
        buffer.append(0x3A)
        buffer.appendDecimal(UInt64(self.port))
        return length
    }
}
