internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing

/// How long a session may be resumed. Certificates and lists of the fixture hold for 30 days.
@Suite(.ownThread) struct TLSTicketTests {
    private static let versions: [TLSVersion] = [.tls12, .tls13]
    private static let day: Int64 = 86_400

    /// Whether a connection resumes a session. The client has then got what it needs to resume this one.
    private func resumes(_ server: TLSServerContext, _ peer: TLSPeer) throws -> Bool {
        let pair = try TLSPair(server, peer)
        defer { pair.close() }
        try #require(pair.handshake())
        pair.server.send(ByteView("tickets"))
        try #require(pair.turn { pair.client.text == "tickets" })
        return pair.server.tls?.isResumed == true
    }

    private func peer(_ version: TLSVersion, _ certificate: String? = nil, clockAhead: Int64 = 0) throws
        -> TLSPeer
    {
        let context = try TLSFixture.client(certificate: certificate) {
            ($0.minimum, $0.maximum) = (version, version)
        }
        return TLSPeer(
            context, serverName: "a.example", verifiedName: "a.example", clockAhead: clockAhead)
    }

    /// A server that wants certificates, so many days from now.
    private func server(_ keys: TLSTicketKeys, _ days: Int64, crl: String? = nil) throws -> TLSServerContext {
        try TLSFixture.server(
            ["a"], TLSVerification(.require, trust: TLSFixture.trust(crl: crl)), tickets: keys,
            ticketLifetime: 100 * Self.day, clockAhead: days * Self.day)
    }

    @Test("A session is not resumed when the certificate of its client is past its end", arguments: versions)
    func clientCertificate(version: TLSVersion) throws {
        let keys = try TLSTicketKeys()
        let peer = try self.peer(version, "client")
        #expect(try !self.resumes(self.server(keys, 0), peer))
        #expect(try self.resumes(self.server(keys, 0), peer))
        #expect(try self.resumes(self.server(keys, 29), peer))
        #expect(try !self.resumes(self.server(keys, 31), peer))
        let lasting = try self.peer(version, "lasting")
        #expect(try !self.resumes(self.server(keys, 0), lasting))
        #expect(try self.resumes(self.server(keys, 31), lasting))
    }

    @Test("A session is not resumed when a revocation list is out of date", arguments: versions)
    func revocations(version: TLSVersion) throws {
        let keys = try TLSTicketKeys()
        let peer = try self.peer(version, "lasting")
        #expect(try !self.resumes(self.server(keys, 0, crl: "ca.crl"), peer))
        #expect(try self.resumes(self.server(keys, 29, crl: "ca.crl"), peer))
        #expect(try !self.resumes(self.server(keys, 31, crl: "ca.crl"), peer))
    }

    @Test(
        "However often it is resumed, a session ends with the lifetime of its first ticket",
        arguments: versions)
    func lifetime(version: TLSVersion) throws {
        let keys = try TLSTicketKeys()
        let peer = try self.peer(version)
        func resumes(_ seconds: Int64) throws -> Bool {
            try self.resumes(
                TLSFixture.server(tickets: keys, ticketLifetime: 1000, clockAhead: seconds), peer)
        }
        #expect(try !resumes(0))
        #expect(try resumes(500))
        #expect(try resumes(900))
        #expect(try !resumes(1100))
        // The handshake that followed gave a new one.
        #expect(try resumes(1200))
        #expect(try resumes(2000))
        #expect(try !resumes(2200))
    }

    @Test("No session is offered to a server whose certificate was past its end", arguments: versions)
    func serverCertificate(version: TLSVersion) throws {
        let server = try TLSFixture.server(tickets: TLSTicketKeys())
        for (days, isResumed) in [(0, true), (29, true), (31, false)] as [(Int64, Bool)] {
            let peer = try self.peer(version, clockAhead: days * Self.day)
            #expect(try !self.resumes(server, peer))
            #expect(try self.resumes(server, peer) == isResumed)
        }
    }
}
