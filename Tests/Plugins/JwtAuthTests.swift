internal import Filtering
internal import Primitives
internal import TestSupport
internal import Testing

@Suite struct JwtAuthTests {
    private let made: JwtTokens

    init() throws { self.made = try JwtTokens.made.get() }

    static let all = """
        "algorithms": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                       "EdDSA", "HS256", "HS384", "HS512"]
        """

    private func plugin(
        _ more: String = "", provider: String = all, keys: String? = nil, host: FakeHost = FakeHost()
    ) throws -> PluginUnderTest {
        let set = JwtTokens.quoted(keys ?? self.made.keys)
        let config = """
            { "providers": [{ "issuer": "https://id.example/", "audiences": ["shop", "desk"],
                              \(provider), "keys": \(set) }]\(more) }
            """
        return try PluginUnderTest("jwt-auth", config, host: host)
    }

    /// `passed`, or why not.
    private func ask(_ plugin: PluginUnderTest, _ token: String) throws -> String {
        switch plugin.request([("authorization", "Bearer \(token)")]) {
        case .continue: return "passed"
        case .responded:
            let answer = try #require(plugin.stream.responses.last)
            #expect(answer.headers.map(\.name) == ["www-authenticate"])
            let text = String(decoding: answer.body, as: UTF8.self).dropLast()
            return "\(answer.status) \(text)"
        case let other: return "\(other)"
        }
    }

    @Test("Tokens of PyJWT and jwcrypto pass, in every algorithm")
    func algorithms() throws {
        let plugin = try self.plugin()
        for name in self.made.tokens.keys where name.hasPrefix("pyjwt ") || name.hasPrefix("jwcrypto ") {
            #expect(try self.ask(plugin, self.made[name]) == "passed", "\(name)")
            #expect(plugin.stream.request.pairs.isEmpty)
            #expect(plugin.stream.metadata["jwt-auth", "sub"] == .text("jason"))
        }
        for name in ["no kid", "typ at+jwt", "long", "audiences"] {
            #expect(try self.ask(plugin, self.made[name]) == "passed", "\(name)")
        }
    }

    @Test(
        "Known attacks and malformed tokens are refused, each for its reason",
        arguments: [
            ("none", "the token has no signature"),
            ("None with signature", "the token's algorithm is not allowed"),
            ("nOnE, signature of another", "the token's algorithm is not allowed"),
            ("no algorithm", "the token's header names no algorithm"),
            ("algorithm list", "the token's header names no algorithm"),
            ("algorithm es256", "the token's algorithm is not allowed"),
            ("public key as secret", "the token's key is not known"),
            ("public key as secret, no kid", "the token's signature is not good"),
            ("public DER as secret", "the token's key is not known"),
            ("EC public key as secret", "the token's key is not known"),
            ("empty secret", "the token's key is not known"), ("kid path", "the token's key is not known"),
            ("kid sql", "the token's key is not known"), ("kid number", "the token's key id is no text"),
            ("kid null", "the token's key id is no text"),
            ("kid of another kind", "the token's key is not known"),
            ("unknown kid", "the token's key is not known"), ("own jwk", "the token's signature is not good"),
            ("own jku", "the token's signature is not good"),
            ("own x5u", "the token's signature is not good"),
            ("other key", "the token's signature is not good"),
            ("other curve", "the token's key is not known"),
            ("psychic signature", "the token's signature is not good"),
            ("DER signature", "the token's signature is not good"),
            ("wide signature", "the token's signature is not good"),
            ("signature with more", "the token has no signature"),
            ("signature cut", "the token's signature is not good"),
            ("no signature", "the token has no signature"),
            ("two parts", "the token does not have three parts"),
            ("four parts", "the token does not have three parts"),
            ("encrypted", "the token does not have three parts"),
            ("changed claims", "the token's signature is not good"),
            ("changed header", "the token's signature is not good"),
            ("padded", "the token's header is no JSON object"),
            ("standard alphabet", "the token has no signature"), ("stray bits", "the token has no signature"),
            ("space within", "the token's claims are no JSON object"),
            ("line break", "the token's claims are no JSON object"),
            ("repeated member", "the token's header is no JSON object"),
            ("repeated claim", "the token's claims are no JSON object"),
            ("garbage behind header", "the token's header is no JSON object"),
            ("garbage behind claims", "the token's claims are no JSON object"),
            ("claims list", "the token's claims are no JSON object"),
            ("claims empty", "the token's claims are no JSON object"),
            ("deep claims", "the token's claims are no JSON object"),
            ("malformed UTF-8", "the token's header is no JSON object"),
            ("critical", "the token's header has critical extensions"),
            ("critical b64", "the token's header has critical extensions"),
            ("of another type", "the token is of another type"), ("oversized", "the token is too long"),
            ("short secret", "the token's signature is not good"),
            ("weak RSA", "the token's key is not known"),
            ("encryption key", "the token's key is not known"),
            ("wrong alg of key", "the token's key is not known"), ("new key", "the token's key is not known"),
            ("newline claim", "passed"),
        ])
    func attacks(_ name: String, _ reason: String) throws {
        let expected = reason == "passed" ? reason : "401 \(reason)"
        #expect(try self.ask(try self.plugin(), self.made[name]) == expected)
    }

    @Test(
        "Times count with the leeway, and must be numbers; issuer and audience must be as configured",
        arguments: [
            ("no expiry", "the token does not say when it expires"), ("expired", "the token has expired"),
            ("expired within leeway", nil), ("expires in part of a second", nil),
            ("not before", "the token is not valid yet"), ("not before within leeway", nil),
            ("issued in future", "the token is not valid yet"),
            ("expiry as text", "the token's times are no numbers"),
            ("expiry huge", "the token's times are no numbers"),
            ("expiry null", "the token's times are no numbers"),
            ("other issuer", "the token is of another issuer"),
            ("no issuer", "the token is of another issuer"),
            ("issuer list", "the token is of another issuer"),
            ("other audience", "the token is for another audience"),
            ("no audience", "the token is for another audience"),
            ("audience substring", "the token is for another audience"),
        ])
    func claims(_ name: String, _ reason: String?) throws {
        #expect(try self.ask(try self.plugin(), self.made[name]) == (reason.map { "401 \($0)" } ?? "passed"))
    }

    @Test("Leeway and expiry are configurable, and algorithms that are not listed are not allowed")
    func options() throws {
        let strict = try self.plugin(#", "leeway": "0s", "requireExpiry": false"#)
        #expect(try self.ask(strict, self.made["no expiry"]) == "passed")
        #expect(try self.ask(strict, self.made["expired within leeway"]) == "401 the token has expired")
        let usual = try self.plugin(provider: #""algorithms": ["EdDSA"]"#)
        #expect(try self.ask(usual, self.made["pyjwt EdDSA"]) == "passed")
        #expect(try self.ask(usual, self.made["pyjwt ES256"]) == "401 the token's algorithm is not allowed")
        let config = #"{ "providers": [{ "keys": \#(JwtTokens.quoted(self.made.keys)) }] }"#
        let open = try PluginUnderTest("jwt-auth", config)
        #expect(try self.ask(open, self.made["other issuer"]) == "passed")
        #expect(try self.ask(open, self.made["pyjwt HS256"]) == "401 the token's algorithm is not allowed")
    }

    @Test("A token's public key is no secret though both kinds of algorithms are allowed")
    func confusion() throws {
        let plugin = try self.plugin(keys: self.made.rsa)
        #expect(try self.ask(plugin, self.made["pyjwt RS256"]) == "passed")
        for name in ["public key as secret", "public key as secret, no kid", "public DER as secret"] {
            #expect(try self.ask(plugin, self.made[name]) == "401 the token's key is not known", "\(name)")
        }
    }

    @Test("Of several providers, the one that the token names counts, with its own keys and audiences")
    func providers() throws {
        let config = """
            { "providers": [
                { "issuer": "https://evil.example/", "keys": \(JwtTokens.quoted(self.made.rotated)) },
                { "issuer": "https://id.example/", "audiences": ["shop"],
                  "keys": \(JwtTokens.quoted(self.made.rsa)) }] }
            """
        let plugin = try PluginUnderTest("jwt-auth", config)
        #expect(try self.ask(plugin, self.made["pyjwt RS256"]) == "passed")
        #expect(try self.ask(plugin, self.made["other issuer"]) == "passed")
        #expect(try self.ask(plugin, self.made["pyjwt ES256"]) == "401 the token's key is not known")
        #expect(try self.ask(plugin, self.made["no issuer"]) == "401 the token is of another issuer")
    }

    @Test("Claims are demanded, and told to the service and to other filters; pretended ones go")
    func told() throws {
        let more = """
            , "claims": { "scope": ["orders:read"], "admin": ["true"], "level": ["7"],
                          "/realm_access/roles": ["ops"] },
              "claimsToHeaders": { "x-user": "sub", "x-level": "level", "x-roles": "/realm_access/roles",
                                   "x-missing": "nothing" },
              "metadata": ["sub", "level", "realm_access"]
            """
        let plugin = try self.plugin(more)
        let token = self.made["rich"]
        let fields = [
            ("x-user", "root"), ("x-missing", "root"), ("Authorization", "bearer  \(token) "), ("a", "b"),
        ]
        #expect(plugin.request(fields) == .continue)
        #expect(
            plugin.stream.request.pairs
                == [["a", "b"], ["x-level", "7"], ["x-roles", #"["dev","ops"]"#], ["x-user", "jason"]])
        #expect(plugin.stream.metadata["jwt-auth", "sub"] == .text("jason"))
        #expect(plugin.stream.metadata["jwt-auth", "level"] == .number(7))
        let poor = plugin.request([("authorization", "Bearer \(self.made["pyjwt ES256"])")])
        #expect(poor == .responded)
        let answer = try #require(plugin.stream.responses.last)
        #expect(answer.status == 403 && answer.details == "jwt_auth_insufficient")
        #expect(answer.headers.first?.value.contains("error=\"insufficient_scope\"") == true)
        // A line break is no way to another header.
        let splitting = try self.plugin(#", "claimsToHeaders": { "x-user": "sub" }"#)
        #expect(
            try self.ask(splitting, self.made["newline claim"])
                == "401 a claim of the token fits in no header")
    }

    @Test("A request without a token gets the challenge alone, or passes without the claims it pretends")
    func optional() throws {
        let plugin = try self.plugin()
        for fields in [[], [("authorization", "Basic YTpi")], [("x-token", "a")]] {
            #expect(plugin.request(fields) == .responded)
        }
        #expect(plugin.stream.responses.allSatisfy { $0.status == 401 && $0.details == "jwt_auth_no_token" })
        #expect(plugin.stream.responses.last?.headers.map(\.value) == ["Bearer realm=\"postern\""])
        let open = try self.plugin(
            #", "required": false, "realm": "r", "claimsToHeaders": { "x-user": "sub" }"#)
        #expect(open.request([("x-user", "root"), ("a", "b")]) == .continue)
        #expect(open.stream.request.pairs == [["a", "b"]])
        #expect(try self.ask(open, self.made["expired"]) == "401 the token has expired")
    }

    @Test("Tokens come from other headers, a cookie or the query, and do not go on to the service")
    func places() throws {
        let more =
            #", "tokenFrom": { "headers": ["x-token", "authorization"], "cookie": "t", "query": "jwt" }"#
        let plugin = try self.plugin(more)
        let token = self.made["pyjwt ES256"]
        #expect(
            plugin.request(
                [("x-token", token), ("cookie", "a=b; t=\(token); c=d")], path: "/p?a=b&jwt=\(token)&c")
                == .continue)
        #expect(plugin.stream.request.pairs == [["cookie", "a=b; c=d"]])
        #expect(plugin.stream.request.path.string == "/p?a=b&c")
        #expect(plugin.request([("cookie", "t=\(token)")]) == .continue)
        #expect(plugin.stream.request.pairs.isEmpty)
        #expect(plugin.request([], path: "/?jwt=\(token)") == .continue)
        #expect(plugin.stream.request.path.string == "/")
        #expect(
            plugin.request([("cookie", "tt=\(token); t"), ("x-t", token)], path: "/?jw=\(token)")
                == .responded)
        #expect(plugin.stream.responses.last?.details == "jwt_auth_no_token")
    }

    @Test("With two tokens it would not be clear which the service reads")
    func several() throws {
        let token = self.made["pyjwt ES256"]
        let plugin = try self.plugin(#", "forward": true, "tokenFrom": { "query": "jwt" }"#)
        let field = ("authorization", "Bearer \(token)")
        #expect(plugin.request([field]) == .continue)
        #expect(plugin.stream.request.pairs == [["authorization", "Bearer \(token)"]])
        #expect(plugin.request([field, ("Authorization", "Bearer x")]) == .responded)
        #expect(plugin.request([field], path: "/?jwt=\(token)") == .responded)
        #expect(plugin.stream.responses.map(\.status) == [400, 400])
        #expect(
            plugin.stream.responses.last?.headers.first?.value.contains("error=\"invalid_request\"") == true)
    }

    @Test("A bad configuration is refused with the place, without showing a key")
    func refused() throws {
        let keys = JwtTokens.quoted(self.made.p256)
        let cases = [
            ("{}", "providers"), (#"{ "providers": [] }"#, "providers"),
            (#"{ "providers": [{}] }"#, "providers[0]: must have exactly one of keys and keysFrom"),
            (#"{ "providers": [{ "keys": "s3cret" }] }"#, "providers[0].keys: not JSON"),
            (#"{ "providers": [{ "keys": "{}" }] }"#, "is no key set"),
            (#"{ "providers": [{ "keys": "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}" }] }"#, "has no key"),
            (
                #"{ "providers": [{ "keys": \#(JwtTokens.quoted(self.made.weak)) }] }"#,
                "has no key that can verify"
            ),
            (#"{ "providers": [{ "keys": \#(keys), "algorithms": ["none"] }] }"#, "algorithms"),
            (
                #"{ "providers": [{ "keys": \#(keys) }, { "keys": \#(keys) }] }"#,
                "each needs an issuer of its own"
            ),
            (
                #"{ "providers": [{ "keys": \#(keys) }], "tokenFrom": { "headers": [] } }"#,
                "must have at least one"
            ),
            (#"{ "providers": [{ "keys": \#(keys) }], "leeway": "2h" }"#, "must be at most 1h"),
            (
                #"{ "providers": [{ "keys": \#(keys) }], "claimsToHeaders": { "a b": "sub" } }"#,
                "is no header name"
            ),
            (#"{ "providers": [{ "keysFrom": { "service": "a", "path": "b" } }] }"#, "must begin with '/'"),
            (
                #"{ "providers": [{ "keysFrom": { "service": "a", "path": "/b", "cacheTime": "1ms" } }] }"#,
                "at least 1s"
            ),
        ]
        for (config, reason) in cases {
            let problems = PluginUnderTest.problems("jwt-auth", config)
            #expect(problems.contains(reason), "\(problems)")
            #expect(!problems.contains("s3cret"))
        }
    }
}
