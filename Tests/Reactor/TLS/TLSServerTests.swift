internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct TLSServerTests {
    /// The subject of the certificate that a client is shown.
    private func shown(
        _ server: TLSServerContext, _ name: String?, _ change: (inout TLSParameters) -> Void = { _ in }
    ) throws -> String? {
        let pair = try TLSPair(
            server, TLSPeer(TLSFixture.client(change), serverName: name, verifiedName: nil))
        guard pair.handshake() else { return nil }
        defer { pair.close() }
        #expect(pair.server.tls?.ownCertificate?.subject == pair.client.tls?.peerIdentity?.subject)
        return pair.client.tls?.peerIdentity?.facts.commonName
    }

    @Test("A certificate is chosen by the name asked for: exact, wildcard of one label, else the first")
    func names() throws {
        let server = try TLSFixture.server(["a", "wild"])
        #expect(try self.shown(server, "a.example") == "a")
        #expect(try self.shown(server, "X.wild.EXAMPLE") == "wild")
        #expect(try self.shown(server, "wild.example") == "a")
        #expect(try self.shown(server, "x.y.wild.example") == "a")
        #expect(try self.shown(server, "unknown.example") == "a")
        #expect(try self.shown(server, nil) == "a")
        let turned = try TLSFixture.server(["wild", "a"])
        #expect(try self.shown(turned, "a.example") == "a")
        #expect(try self.shown(turned, nil) == "wild")
    }

    @Test(
        "Of an ECDSA and an RSA certificate for one name the client's algorithms choose",
        arguments: [
            ["a", "a-rsa"], ["a-rsa", "a"], ["wild", "a-rsa", "a"],
        ])
    func keyTypes(certificates: [String]) throws {
        let server = try TLSFixture.server(certificates)
        #expect(try self.shown(server, "a.example") == "a")
        let onlyRSA = try self.shown(server, "a.example") {
            $0.maximum = .tls12
            $0.ciphers = ["ECDHE-RSA-AES128-GCM-SHA256"]
        }
        #expect(onlyRSA == "a-rsa")
    }

    @Test("Versions and algorithms are those that are allowed")
    func parameters() throws {
        let new = try TLSFixture.server { $0.minimum = .tls13 }
        #expect(try self.shown(new, "a.example") == "a")
        #expect(
            try TLSPair(new, TLSFixture.client { $0.maximum = .tls12 }).failure().server
                == "unsupported protocol")
        let old = try TLSFixture.server { $0.maximum = .tls12 }
        let pair = try TLSPair(old, TLSFixture.client())
        #expect(pair.handshake())
        #expect(pair.server.tls?.version == .tls12)
        let cipher = try TLSFixture.server {
            $0.maximum = .tls12
            $0.ciphers = ["ECDHE-ECDSA-CHACHA20-POLY1305"]
        }
        let chacha = try TLSPair(cipher, TLSFixture.client())
        #expect(chacha.handshake())
        #expect(chacha.server.tls?.cipher == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
        let group = try TLSFixture.server { $0.groups = ["P-384"] }
        #expect(try TLSPair(group, TLSFixture.client { $0.groups = ["X25519"] }).failure().server != nil)
        let suite = try TLSPair(
            TLSFixture.server { $0.suites = ["TLS_AES_256_GCM_SHA384"] }, TLSFixture.client())
        #expect(suite.handshake())
        #expect(suite.server.tls?.cipher == "TLS_AES_256_GCM_SHA384")
    }

    @Test("The server's order of protocols decides; a client that knows none of them is refused")
    func alpn() throws {
        let server = try TLSFixture.server { $0.alpn = ["h2", "http/1.1"] }
        let pair = try TLSPair(server, TLSFixture.client { $0.alpn = ["http/1.1", "h2"] })
        #expect(pair.handshake())
        #expect(pair.server.tls?.alpn.string == "h2")
        let silent = try TLSPair(server, TLSFixture.client())
        #expect(silent.handshake())
        #expect(silent.server.tls?.alpn.isEmpty == true)
        let other = try TLSPair(server, TLSFixture.client { $0.alpn = ["postgresql"] })
        #expect(other.failure().client == "tlsv1 alert no application protocol")
    }

    // MARK: Resumption

    /// Makes two connections and says whether the second went on with the first's session.
    private func resumes(_ first: TLSServerContext, _ second: TLSServerContext, _ peer: TLSPeer) throws
        -> Bool
    {
        for server in [first, second] {
            let pair = try TLSPair(server, peer)
            #expect(pair.handshake())
            // Tickets of TLS 1.3 come behind the handshake.
            pair.server.send(ByteView("tickets"))
            #expect(pair.turn { pair.client.text == "tickets" })
            defer { pair.close() }
            if server === second, pair.server.tls?.isResumed == true { return true }
        }
        return false
    }

    @Test(
        "A session is resumed with another context that has the same ticket keys",
        arguments: [
            TLSVersion.tls12, .tls13,
        ])
    func resumption(version: TLSVersion) throws {
        func peer() throws -> TLSPeer {
            let context = try TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) }
            return TLSPeer(context, serverName: "a.example", verifiedName: "a.example")
        }
        let keys = try TLSTicketKeys()
        let first = try TLSFixture.server(tickets: keys)
        #expect(try self.resumes(first, TLSFixture.server(tickets: keys), peer()))
        #expect(try !self.resumes(first, TLSFixture.server(tickets: TLSTicketKeys()), peer()))
        #expect(try !self.resumes(TLSFixture.server(), TLSFixture.server(), peer()))
        #expect(try !self.resumes(first, TLSFixture.server(tickets: keys, name: "another"), peer()))
        let strict = try TLSFixture.server(
            ["a"], TLSVerification(.optional, trust: TLSFixture.trust()), tickets: keys)
        #expect(try !self.resumes(first, strict, peer()))
    }

    @Test("After two rotations a ticket is still taken, after three it is not")
    func rotation() throws {
        let keys = try TLSTicketKeys()
        let server = try TLSFixture.server(tickets: keys)
        let peer = TLSPeer(try TLSFixture.client(), serverName: "a.example", verifiedName: "a.example")
        #expect(try self.resumes(server, server, peer))
        keys.rotate()
        keys.rotate()
        #expect(try self.resumes(server, server, peer))
        let fresh = TLSPeer(try TLSFixture.client(), serverName: "a.example", verifiedName: "a.example")
        let pair = try TLSPair(server, fresh)
        #expect(pair.handshake())
        pair.server.send(ByteView("tickets"))
        #expect(pair.turn { pair.client.text == "tickets" })
        pair.close()
        for _ in 0..<3 { keys.rotate() }
        let late = try TLSPair(server, fresh)
        #expect(late.handshake())
        #expect(late.server.tls?.isResumed == false)
        late.close()
    }

    @Test(
        "As many connections resume a session as the server has given tickets for",
        arguments: [
            TLSVersion.tls12, .tls13,
        ])
    func manyTickets(version: TLSVersion) throws {
        let server = try TLSFixture.server(tickets: TLSTicketKeys())
        let context = try TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) }
        let peer = TLSPeer(context, serverName: "a.example", verifiedName: "a.example")
        let first = try TLSPair(server, peer)
        #expect(first.handshake())
        first.server.send(ByteView("tickets"))
        #expect(first.turn { first.client.text == "tickets" })
        let pairs = try (0..<3).map { _ in try TLSPair(server, peer) }
        for pair in pairs { #expect(pair.handshake()) }
        let resumed = pairs.map { $0.server.tls?.isResumed == true }
        #expect(resumed == (version == .tls12 ? [true, true, true] : [true, true, false]))
        for pair in pairs + [first] { pair.close() }
    }

    @Test(
        "A client that ends right behind its handshake has its tickets all the same, and an end in return",
        arguments: [TLSVersion.tls12, .tls13])
    func briefClient(version: TLSVersion) throws {
        let server = try TLSFixture.server(tickets: TLSTicketKeys())
        let context = try TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) }
        let peer = TLSPeer(context, serverName: "a.example", verifiedName: "a.example")
        for isResumed in [false, true, true] {
            let pair = try TLSPair(EventLoop(), TLSPair.internetSockets())
            pair.client.endsFirst = true
            (pair.server.closesAtEnd, pair.client.closesAtEnd) = (true, true)
            pair.server.startTLS(server)
            pair.client.startTLS(to: peer)
            #expect(pair.turn { pair.client.events.contains("closed") })
            #expect(pair.server.tls?.isResumed == isResumed)
            for stream in [pair.server, pair.client] {
                #expect(stream.events.first == "secured")
                #expect(stream.events.suffix(2) == ["ended", "closed"])
            }
            pair.close()
        }
    }

    @Test("A resumed session knows its client as the first did")
    func resumedIdentity() throws {
        let server = try TLSFixture.server(
            ["a"], TLSVerification(.require, trust: TLSFixture.trust()), tickets: TLSTicketKeys())
        let peer = TLSPeer(
            try TLSFixture.client(certificate: "client"), serverName: "a.example", verifiedName: "a.example")
        #expect(try self.resumes(server, server, peer))
        let pair = try TLSPair(server, peer)
        #expect(pair.handshake())
        #expect(pair.server.tls?.isResumed == true)
        #expect(pair.server.tls?.peerIdentity?.spiffeID == "spiffe://test/ns/one/sa/web")
        pair.close()
    }

    // MARK: Many at once

    @Test("Handshakes that wait have a share of a turn, and others are served in between")
    func share() throws {
        let loop = try EventLoop()
        let server = try TLSFixture.server(["a-rsa"])
        let client = try TLSFixture.client()
        let plain = try TLSPair(loop)
        let pairs = try (0..<40).map { _ in try TLSPair(server, client, loop: loop) }
        var most = 0
        var done = 0
        while done < pairs.count {
            plain.client.send(ByteView("x"))
            loop.turn(wait: false)
            let now = pairs.count { $0.server.isSecured }
            most = max(most, now - done)
            if now == done, pairs.contains(where: { $0.server.failure != nil }) { break }
            done = now
        }
        #expect(done == pairs.count)
        #expect(most <= pairs.count / 2)
        #expect(plain.server.received.count > 40)
        for pair in pairs { pair.close() }
    }
}
