internal import Filtering
internal import Primitives
internal import TestSupport
internal import Testing

@Suite struct BasicAuthTests {
    /// `wonderland`, and the empty password, by bcrypt at its least cost.
    static let alice = "$2b$05$hCJ9PBO3oVjlCHjJjhvY4.65RDK1sJ8LwcELKWHNeYUTQrOs4hWAi"
    static let empty = "$2b$04$1xj6EOutkLEdv.qybnaHf.zF5AHkymPdgPX4WhNXCDc.VRy40x.3C"
    /// `builder` by yescrypt, `x` by SHA-512; SHA-256 counts as too weak.
    static let bob = "$y$j75$abcdefghijklmnopqrstu.$Zgsqs6Q.JnEbEP.itpFq6zKowrFnQ7WEJ2mUEHuoqC."
    static let carol =
        "$6$rounds=1000$dbPdiqUs4cMvnCMa$0DqaxiNim.tXYdGgSIZAZRWU2qUJVt6pKA3b2zgQtWnoYyogspK"
        + ".NfCM7B1EYRUWJHCUA5BUrBdinmO0pLw540"
    static let dave = "$5$rounds=1000$.KGZ9XmVbV2NELrW$TWtTWA8GVgflLV8Wjf/M1In.izOnf.zO45eVrYOD4ED"
    static let config = """
        { "users": [{ "name": "alice", "hash": "\(alice)" }],
          "usersFrom": "# people\\nbob:\(bob)\\n\\ncarol:\(carol)\\r\\nnobody:\(empty)\\n" }
        """

    private let host = FakeHost()

    /// What becomes of a request with these credentials, once its password has been hashed.
    private func ask(_ plugin: PluginUnderTest, _ credentials: String, hashes: Bool = true) -> String {
        let field = "Basic \(Self.base64(credentials))"
        let action = plugin.request([("authorization", field), ("x-consumer", "root")])
        let before = (plugin.stream.responses.count, plugin.stream.resumed.count)
        guard hashes else {
            return action == .continue
                ? plugin.stream.request.pairs.joined().joined(separator: " ") : "\(action)"
        }
        #expect(action == .pause)
        self.host.runOffloaded()
        #expect(plugin.worker.runPosted() == 1)
        if plugin.stream.resumed.count > before.1 {
            return plugin.stream.request.pairs.joined().joined(separator: " ")
        }
        return plugin.stream.responses.count > before.0
            ? plugin.stream.responses.last?.details ?? "" : "stuck"
    }

    static func base64(_ text: String) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var encoded = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            var group = ""
            for _ in 0..<4 {
                group = String(digits[bits & 63]) + group
                bits >>= 6
            }
            encoded += group.prefix(part.count + 1) + String(repeating: "=", count: 3 - part.count)
        }
        return encoded
    }

    @Test(
        "Each method of hashing leads to its user",
        arguments: [
            ("alice", "wonderland"), ("bob", "builder"), ("carol", "x"), ("nobody", ""),
        ])
    func methods(_ user: String, _ password: String) throws {
        let plugin = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        #expect(self.ask(plugin, "\(user):\(password)") == "x-consumer \(user)")
        #expect(plugin.stream.metadata["basic-auth", "user"] == .text(user))
        #expect(self.ask(plugin, "\(user):\(password)x") == "basic_auth_unknown")
    }

    @Test(
        "A wrong user or password gets 401 and the challenge, and its answer does not tell which was wrong",
        arguments: [
            "alice:", "alice:Wonderland", "Alice:wonderland", "mallory:wonderland", ":wonderland",
            "alice:wonderland\0", "alice:wonderland\0x", "bob:wonderland", "alice:wonder:land",
        ])
    func wrong(_ credentials: String) throws {
        let plugin = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        #expect(self.ask(plugin, credentials) == "basic_auth_unknown")
        let answer = try #require(plugin.stream.responses.last)
        #expect(answer.status == 401)
        #expect(answer.headers.map(\.value) == ["Basic realm=\"postern\", charset=\"UTF-8\""])
        #expect(String(decoding: answer.body, as: UTF8.self) == "this user and password are not accepted\n")
    }

    @Test(
        "What is no user and password is refused without hashing anything",
        arguments: [
            nil, "", "Basic", "Basic ", "Bearer YTpi", "Basic YWxpY2U=", "Basic !!!!", "Basic YTpi=",
            "BasicYTpi",
        ])
    func malformed(_ field: String?) throws {
        let plugin = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        #expect(plugin.request(field.map { [("authorization", $0)] } ?? []) == .responded)
        #expect(plugin.stream.responses.last?.status == 401)
        self.host.runOffloaded()
        #expect(plugin.worker.runPosted() == 0)
    }

    @Test("An answer, good or bad, holds for the cache's time, and is then asked for again")
    func cache() throws {
        let plugin = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        #expect(self.ask(plugin, "alice:wonderland") == "x-consumer alice")
        #expect(self.ask(plugin, "alice:wrong") == "basic_auth_unknown")
        #expect(self.ask(plugin, "alice:wonderland", hashes: false) == "x-consumer alice")
        #expect(self.ask(plugin, "alice:wrong", hashes: false) == "responded")
        plugin.worker.advance(byNanoseconds: 299_000_000_000)
        #expect(self.ask(plugin, "alice:wonderland", hashes: false) == "x-consumer alice")
        plugin.worker.advance(byNanoseconds: 2_000_000_000)
        #expect(self.ask(plugin, "alice:wonderland") == "x-consumer alice")
    }

    @Test("A filter that is made anew, as with another password, remembers nothing of the old one")
    func changed() throws {
        let first = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        #expect(self.ask(first, "alice:wonderland") == "x-consumer alice")
        let changed = #"{ "users": [{ "name": "alice", "hash": "\#(Self.bob)" }] }"#
        let second = try PluginUnderTest("basic-auth", changed, host: self.host)
        #expect(self.ask(second, "alice:wonderland") == "basic_auth_unknown")
    }

    @Test("Without a cache every password is hashed; header, realm and hiding are configurable")
    func options() throws {
        let config = """
            { "users": [{ "name": "alice", "hash": "\(Self.bob)" }], "cacheTime": "0s",
              "hideCredentials": false, "consumerHeader": "x-user", "realm": "a b" }
            """
        let plugin = try PluginUnderTest("basic-auth", config, host: self.host)
        #expect(self.ask(plugin, "alice:wonderland") == "basic_auth_unknown")
        #expect(plugin.stream.responses.last?.headers.first?.value.hasPrefix("Basic realm=\"a b\"") == true)
        let field = "Basic \(Self.base64("alice:builder"))"
        for _ in 1...2 {
            #expect(
                self.ask(plugin, "alice:builder") == "authorization \(field) x-consumer root x-user alice")
        }
    }

    @Test("More than 256 passwords at once are too many: the next request gets 503")
    func busy() throws {
        let plugin = try PluginUnderTest("basic-auth", Self.config, host: self.host)
        let field = "Basic \(Self.base64("alice:wonderland"))"
        for _ in 1...256 { #expect(plugin.request([("authorization", field)]) == .pause) }
        #expect(plugin.request([("authorization", field)]) == .responded)
        #expect(plugin.stream.responses.last?.status == 503)
        self.host.runOffloaded()
        plugin.worker.runPosted()
        #expect(self.ask(plugin, "alice:wonderland", hashes: false) == "x-consumer alice")
    }

    @Test(
        "A bad configuration is refused, without showing a hash",
        arguments: [
            ("{}", "has no user"), (#"{ "users": [] }"#, "has no user"),
            (#"{ "users": [{ "name": "a", "hash": "s3cret" }] }"#, "a password itself is none"),
            (#"{ "users": [{ "name": "a", "hash": "$apr1$s3cret$x" }] }"#, "MD5 is too weak"),
            (#"{ "users": [{ "name": "a", "hash": "$2y$05$s3cret" }] }"#, "must be a hash of crypt(3)"),
            (#"{ "usersFrom": "a:\#(dave)" }"#, "must be a hash of crypt(3)"),
            (#"{ "usersFrom": "a:\#(alice)\na:\#(alice)" }"#, "line 2: the user 'a' stands twice"),
            (#"{ "usersFrom": "a:\#(alice.dropLast())" }"#, "line 1: must be a hash"),
            (#"{ "usersFrom": "\n:\#(alice)" }"#, "line 2: a name must be text"),
            (#"{ "usersFrom": "s3cret" }"#, "line 1: must be a name, a colon and a hash"),
            (#"{ "users": [{ "name": "a:b", "hash": "\#(alice)" }] }"#, "must be text without colons"),
            (#"{ "usersFrom": "a:\#(alice)", "realm": "a\"b" }"#, "must be ASCII without quotes"),
            (#"{ "usersFrom": "a:\#(alice)", "cacheTime": "25h" }"#, "must be at most 24h"),
            (#"{ "usersFrom": "a:\#(alice)", "consumerHeader": "Authorization" }"#, "must not be the header"),
        ])
    func refused(_ config: String, _ reason: String) {
        let problems = PluginUnderTest.problems("basic-auth", config)
        #expect(problems.contains(reason), "\(problems)")
        #expect(!problems.contains("s3cret") && !problems.contains("hCJ9PBO3"))
    }
}
