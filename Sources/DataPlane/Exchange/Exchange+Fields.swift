internal import Filtering
internal import GatewayConfig
internal import Primitives
internal import Reactor

// What Postern adds to a request before any filter sees it.

extension Exchange {
    /// `x-forwarded-for`, `-proto`, `-host` and `x-request-id` (docs/reference/http1.md).
    ///
    /// The peer's address is always appended. What the client says of scheme and host counts only when it is
    /// a trusted hop; otherwise it is replaced. The scheme is the connection's: a target may name any.
    func addForwardedFields(_ connection: ServerConnection) {
        let request = self.request
        let isTrusted = connection.plan.trustedHops > 0
        self.addForwardedFor(connection)
        if !isTrusted || !request.contains(.xForwardedProto) {
            request.set(.xForwardedProto, ByteView(connection.scheme))
        }
        if !isTrusted || !request.contains(.xForwardedHost) {
            request.set(.xForwardedHost, request.authority)
        }
        self.forwardCertificate(connection)
        if !request.contains(.xRequestID) {
            self.home.writeRequestID()
            request.add(.xRequestID, self.home.text.view)
        }
    }

    /// `x-forwarded-client-cert`: nobody without a certificate may say who a client is.
    private func forwardCertificate(_ connection: ServerConnection) {
        let name = ByteView("x-forwarded-client-cert")
        let policy = connection.plan.clientCertificates.policy
        guard policy != .sanitise, connection.tls?.hasPeerCertificate == true else {
            if self.request.firstIndex(named: name) != nil { self.request.removeAll(named: name) }
            return
        }
        guard policy != .forward, let element = connection.certificateElement.text else { return }
        let text = self.home.text
        text.reset()
        if policy == .append {
            // Several fields are one list (RFC 9110, 5.3).
            var next = self.request.firstIndex(named: name)
            while let at = next {
                text.append(self.request.value(self.request[at]))
                text.append(",")
                next = self.request.firstIndex(named: name, from: at + 1)
            }
        }
        text.append(element.view)
        self.request.set(name, text.view)
    }

    private func addForwardedFor(_ connection: ServerConnection) {
        guard let index = self.request.firstIndex(of: .xForwardedFor) else {
            self.request.add(.xForwardedFor, connection.peerHost)
            return
        }
        // Several fields are one list (RFC 9110, 5.3).
        let text = self.home.text
        text.reset()
        var next: Int? = index
        while let at = next {
            text.append(self.request.value(self.request[at]))
            text.append(", ")
            next = self.request.firstIndex(of: .xForwardedFor, from: at + 1)
        }
        text.append(connection.peerHost)
        self.request.set(.xForwardedFor, text.view)
    }

    /// The client's address: the peer's, or with *n* trusted hops the *n*th before it in `x-forwarded-for`.
    func clientAddress(_ connection: ServerConnection) -> ByteView {
        guard connection.plan.trustedHops > 0, let list = self.request.first(.xForwardedFor) else {
            return connection.peerHost
        }
        // The last element is the peer, which we have appended.
        var end = list.count
        var start = Self.elementStart(list, end)
        for _ in 0..<connection.plan.trustedHops where start > 0 {
            end = start - 1
            start = Self.elementStart(list, end)
        }
        return list[start..<end].trimmed()
    }

    private static func elementStart(_ list: ByteView, _ end: Int) -> Int {
        var start = end
        while start > 0, list[start - 1] != 0x2C { start -= 1 }
        return start
    }
}
