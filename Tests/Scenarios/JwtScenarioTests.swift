import Foundation
import TestSupport
import Testing

extension Scenarios {
    /// `jwt-auth` with keys of a service that is asked over the network.
    @Suite(
        .scenario(
            """
            listeners:
              - name: public
                address: "127.0.0.1:0"
                filters:
                  - plugin: jwt-auth
                    config:
                      providers:
                        - { issuer: me, algorithms: [HS256], keysFrom: { service: identity, path: /jwks } }
                      claimsToHeaders: { x-user: sub }
                  - plugin: rate-limit
                    config: { requests: 3, per: 24h, by: "metadata['jwt-auth']['sub']" }
            routes:
              - { name: all, rules: [{ service: backend }] }
            services:
              - { name: backend, endpoints: [{backend}] }
              - { name: identity, endpoints: [{identity}] }
            """, backends: ["backend", "identity"], workers: 2, versions: HTTPVersion.allCases))
    struct JwtScenarioTests {
        let scenario: Scenario

        init() throws { self.scenario = try Scenario.current }

        /// HS256 with the key of RFC 7515, A.1; made by PyJWT: `jwt.encode({"iss": "me", "sub": …, "exp": …},
        /// …)`.
        private static let keys = #"{"keys":[{"kty":"oct","k":"\#(Tokens.key)"}]}"#

        @Test("Requests wait for the keys, which are fetched once, and others' buckets are their own")
        func fetched() throws {
            let gate = Gate()
            let identity = try self.scenario.backend("identity")
            identity.on("/jwks") { connection, _ in
                try gate.wait()
                try connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(Self.keys.utf8.count)\r\n\r\n\(Self.keys)")
                return true
            }
            let field = { (token: String) in "Authorization: Bearer \(token)\r\n" }
            // The first one leaves before there is an answer; those that wait must not notice.
            let first = try self.scenario.proxy.connect()
            try first.send("GET / HTTP/1.1\r\nHost: a\r\n\(field(Tokens.alice))\r\n")
            #expect(eventually { gate.isWaitedFor })
            let others = try (1...6).map { _ in try self.scenario.proxy.connect() }
            for (index, other) in others.enumerated() {
                let token = index % 2 == 0 ? Tokens.alice : Tokens.bob
                try other.send("GET / HTTP/1.1\r\nHost: a\r\n\(field(token))\r\n")
            }
            first.reset()
            gate.open()
            for other in others { #expect(try other.readResponse().status == 200) }
            let users = try self.scenario.backend().takeRequests().compactMap { $0["x-user"] }.sorted()
            #expect(users.suffix(6).count == 6 && Set(users) == ["alice", "bob"])
            // One that was given up, and one that was answered.
            #expect(identity.connections.flatMap(\.received).count(of: "GET /jwks") <= 2)
            #expect(try self.scenario.ask("/", fields: field(Tokens.alice)).status == 429)
            let forged = try self.scenario.ask("/", fields: field(Tokens.alice.dropLast(4) + "AAAA"))
            #expect(forged.status == 401)
            #expect(
                forged["www-authenticate"]
                    == "Bearer realm=\"postern\", error=\"invalid_token\", "
                    + "error_description=\"the token's signature is not good\"")
            #expect(try self.scenario.ask("/")["www-authenticate"] == "Bearer realm=\"postern\"")
        }
    }
}

extension Sequence<UInt8> {
    fileprivate func count(of text: String) -> Int {
        String(decoding: Array(self), as: UTF8.self).ranges(of: text).count
    }
}

private enum Tokens {
    static let key =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
        + "Z9CAow"
    static let alice =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtZSIsInN1YiI6ImFsaWNlIiwiZXhwIjo"
        + "0MTAyNDQ0ODAwfQ.-KMC1Q_djxAZbxb6bAz2ecuZhLXNfPqCC7YLExziBHo"
    static let bob =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtZSIsInN1YiI6ImJvYiIsImV4cCI6NDE"
        + "wMjQ0NDgwMH0.XVmUf5Gk58fPiXz9Qe_R_9BYA9ZWYkcKAL3PmPlzjJ4"
}
