internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct TLSVerificationTests {
    // MARK: Servers

    @Test("A client refuses a server of another name, another authority, or another time")
    func servers() throws {
        let client = try TLSFixture.client()
        let cases: [(String, String, String)] = [
            ("a", "b.example", "hostname mismatch"),
            ("stranger", "a.example", "unable to get local issuer certificate"),
            ("old", "a.example", "certificate has expired"),
        ]
        for (certificate, name, reason) in cases {
            let pair = try TLSPair(TLSFixture.server([certificate]), client, name: name)
            let failure = pair.failure()
            #expect(failure.client == "certificate verify failed: \(reason)")
            #expect(pair.client.events == ["failed \(EPROTO)", "closed"])
            #expect(failure.server?.contains("alert") == true)
        }
    }

    @Test("A server's address may be verified instead of a name, and names by rules")
    func addressAndRules() throws {
        let context = try TLSFixture.server()
        let byAddress = try TLSPair(context, TLSFixture.client(), name: nil, verified: "127.0.0.1")
        #expect(byAddress.handshake())
        let other = try TLSPair(context, TLSFixture.client(), name: nil, verified: "127.0.0.2")
        #expect(other.failure().client == "certificate verify failed: IP address mismatch")
        let rules = [TLSNameRule(.dns, .exact, "other.example"), TLSNameRule(.dns, .suffix, ".EXAMPLE")]
        let byRule = try TLSPair(
            context, TLSPeer(TLSFixture.client(names: rules), serverName: nil, verifiedName: nil))
        #expect(byRule.handshake())
        let refused = try TLSPair(
            context, TLSPeer(TLSFixture.client(names: [rules[0]]), serverName: nil, verifiedName: nil))
        #expect(
            refused.failure().client
                == "certificate verify failed: no subject alternative name is allowed")
    }

    @Test(
        "A common name is no name: only a subject alternative name makes a server known",
        arguments: [
            "named.example", "bare.example",
        ])
    func commonName(certificate: String) throws {
        let server = try TLSFixture.server([certificate])
        let pair = try TLSPair(server, TLSFixture.client(), name: certificate)
        #expect(pair.failure().client == "certificate verify failed: hostname mismatch")
    }

    @Test("A chain is sent as its file has it, and an authority may stand below a root")
    func chains() throws {
        let files = try TLSFixture.files()
        let certificate = try TLSCertificate(path: files.path("below-chain.pem"))
        try certificate.readKey(path: files.path("below.key"))
        let whole = try TLSServerContext(TLSParameters(), certificates: [certificate], name: "chain")
        #expect(try TLSPair(whole, TLSFixture.client()).handshake())
        let leafAlone = try TLSFixture.server(["below"])
        #expect(
            try TLSPair(leafAlone, TLSFixture.client()).failure().client
                == "certificate verify failed: unable to get local issuer certificate")
        #expect(try TLSPair(leafAlone, TLSFixture.client(trust: "middle")).handshake())
    }

    // MARK: Clients

    private func server(
        _ mode: TLSVerification.Mode, crl: String? = nil, names: [TLSNameRule] = []
    ) throws -> TLSServerContext {
        try TLSFixture.server(["a"], TLSVerification(mode, trust: TLSFixture.trust(crl: crl), names: names))
    }

    @Test(
        "A required certificate must be there and good; an optional one may be missing",
        arguments: [
            TLSVersion.tls12, .tls13,
        ])
    func clients(version: TLSVersion) throws {
        func client(_ certificate: String?) throws -> TLSClientContext {
            try TLSFixture.client(certificate: certificate) { ($0.minimum, $0.maximum) = (version, version) }
        }
        let known = try TLSPair(self.server(.require), client("client"))
        #expect(known.handshake())
        let identity = try #require(known.server.tls?.peerIdentity)
        #expect(identity.spiffeID == "spiffe://test/ns/one/sa/web")
        #expect(identity.subject == "CN=client,O=Test")
        #expect(identity.principal == "spiffe://test/ns/one/sa/web")
        #expect(identity.facts.dnsNames == ["web.client.example"])
        #expect(identity.fingerprint.count == 64)
        #expect(known.server.tls?.peerIdentity === identity)
        #expect(known.server.tls?.peerChain.count == 1)
        #expect(
            try TLSPair(self.server(.require), client(nil)).failure().server
                == "peer did not return a certificate")
        #expect(
            try TLSPair(self.server(.require), client("stranger")).failure().server
                == "certificate verify failed: unable to get local issuer certificate")
        let without = try TLSPair(self.server(.optional), client(nil))
        #expect(without.handshake())
        #expect(without.server.tls?.hasPeerCertificate == false)
        #expect(try TLSPair(self.server(.optional), client("client")).handshake())
        #expect(
            try TLSPair(self.server(.optional), client("old")).failure().server
                == "certificate verify failed: certificate has expired")
        let unasked = try TLSPair(TLSFixture.server(), client("client"))
        #expect(unasked.handshake())
        #expect(unasked.server.tls?.hasPeerCertificate == false)
    }

    @Test("A revoked certificate is refused, others of the same authority are not")
    func revocation() throws {
        let server = try self.server(.require, crl: "ca.crl")
        #expect(try TLSPair(server, TLSFixture.client(certificate: "client")).handshake())
        #expect(
            try TLSPair(server, TLSFixture.client(certificate: "gone")).failure().server
                == "certificate verify failed: certificate revoked")
    }

    @Test("An authority below a root needs no list but its own, which is looked into")
    func revocationBelowRoot() throws {
        for lists in ["middle.crl", "both.crl"] {
            let trust = try TLSFixture.trust("middle", crl: lists)
            let server = try TLSFixture.server(["a"], TLSVerification(.require, trust: trust))
            #expect(try TLSPair(server, TLSFixture.client(certificate: "below")).handshake())
            #expect(
                try TLSPair(server, TLSFixture.client(certificate: "below-gone")).failure().server
                    == "certificate verify failed: certificate revoked")
        }
        let other = try TLSVerification(.require, trust: TLSFixture.trust("middle", crl: "ca.crl"))
        #expect(
            try TLSPair(TLSFixture.server(["a"], other), TLSFixture.client(certificate: "below"))
                .failure().server == "certificate verify failed: unable to get certificate CRL")
    }

    @Test("With a root trusted every authority of a chain needs its list")
    func revocationOfAuthorities() throws {
        let client = try TLSFixture.client(chain: "below-chain", key: "below")
        for (lists, reason) in [
            ("both.crl", nil), ("ca.crl", "unable to get certificate CRL"),
            ("middle.crl", "unable to get certificate CRL"),
        ] {
            let pair = try TLSPair(self.server(.require, crl: lists), client)
            if let reason {
                #expect(pair.failure().server == "certificate verify failed: \(reason)")
            } else {
                #expect(pair.handshake())
            }
        }
    }

    @Test(
        "A name must match one of the rules, of its kind and whole, or by how it begins or ends",
        arguments: [
            ([TLSNameRule(.uri, .exact, "spiffe://test/ns/one/sa/web")], true),
            ([TLSNameRule(.uri, .exact, "spiffe://test/ns/one/sa/we")], false),
            ([TLSNameRule(.uri, .prefix, "spiffe://test/ns/one/")], true),
            ([TLSNameRule(.uri, .prefix, "spiffe://test/ns/two/")], false),
            ([TLSNameRule(.dns, .prefix, "spiffe://test/")], false),
            ([TLSNameRule(.uri, .exact, "SPIFFE://test/ns/one/sa/web")], false),
            ([TLSNameRule(.dns, .suffix, ".client.example")], true),
            ([TLSNameRule(.dns, .exact, "WEB.client.example")], true),
            ([TLSNameRule(.either, .exact, "web.client.example")], true),
            ([TLSNameRule(.uri, .suffix, "/sa/db"), TLSNameRule(.uri, .suffix, "/sa/web")], true),
            ([TLSNameRule(.uri, .suffix, String(repeating: "x", count: 100))], false),
        ])
    func rules(names: [TLSNameRule], isAllowed: Bool) throws {
        let pair = try TLSPair(self.server(.require, names: names), TLSFixture.client(certificate: "client"))
        if isAllowed {
            #expect(pair.handshake())
        } else {
            #expect(
                pair.failure().server == "certificate verify failed: no subject alternative name is allowed")
        }
    }
}
