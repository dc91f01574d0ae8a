import PluginNet
import TestSupport
import Testing

/// Against `openssl s_server -www`, which answers HTTP.
@Suite(.ownThread) struct TLSClientTests {
    let made: TestCertificates
    let server: ChildProcess
    let port: Int
    let folder: TemporaryFolder

    init() throws {
        let made = try TestCertificates()
        let folder = try TemporaryFolder()
        try made.add("server", names: ["DNS:localhost", "IP:127.0.0.1"])
        try made.add("client", names: ["DNS:client"])
        let port = try freePort()
        self.made = made
        self.folder = folder
        self.port = port
        self.server = try ChildProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", made.path("server.pem"), "-key",
                made.path("server.key"), "-www", "-CAfile", made.path("ca.pem"), "-verify", "1",
            ], output: folder.file("log"))
        let listens = eventually { (try? RawSocket.connect(to: "127.0.0.1:\(port)")) != nil }
        #expect(listens, "\(folder.text(of: "log"))")
    }

    func get(_ host: String, _ config: TLSConfig) throws -> HTTPAnswer {
        let url = try #require(HTTPURL("https://\(host):\(self.port)/"))
        var client = HTTPClient(url, tls: try TLSClient(config), timeout: .seconds(20))
        return try client.send("GET")
    }

    @Test(
        "A server with a good certificate is trusted, by name or address, and shown one"
    )
    func trusted() throws {
        defer { self.server.stop() }
        var config = TLSConfig()
        config.trustedCA = self.made.text(of: "ca.pem")
        #expect(try self.get("localhost", config).excerpt(20_000).contains("no client certificate"))
        config.certificate = self.made.text(of: "client.pem")
        config.key = self.made.text(of: "client.key")
        #expect(try self.get("127.0.0.1", config).excerpt(20_000).contains("CN=client"))
    }

    @Test("A server of another authority or with another name is not, unless nobody looks")
    func untrusted() throws {
        defer { self.server.stop() }
        var config = TLSConfig()
        #expect { _ = try self.get("localhost", config) } throws: {
            ($0 as? NetError)?.code == .tls && "\($0)".contains("its certificate is not accepted")
        }
        config.trustedCA = self.made.text(of: "ca.pem")
        config.serverName = "other.example"
        #expect { _ = try self.get("localhost", config) } throws: { "\($0)".contains("hostname mismatch") }
        config.verify = false
        #expect(try self.get("localhost", config).status == 200)
    }

    @Test("A common name is no name", arguments: [[], ["URI:spiffe://test/other"]])
    func commonName(names: [String]) throws {
        self.server.stop()
        try self.made.add("localhost", names: names)
        let port = try freePort()
        let server = try ChildProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", self.made.path("localhost.pem"), "-key",
                self.made.path("localhost.key"), "-www",
            ], output: self.folder.file("log"))
        defer { server.stop() }
        #expect(eventually { (try? RawSocket.connect(to: "127.0.0.1:\(port)")) != nil })
        var config = TLSConfig()
        config.trustedCA = self.made.text(of: "ca.pem")
        let url = try #require(HTTPURL("https://localhost:\(port)/"))
        var client = HTTPClient(url, tls: try TLSClient(config), timeout: .seconds(20))
        #expect { _ = try client.send("GET") } throws: { "\($0)".contains("hostname mismatch") }
    }

    @Test("PEM that is none is a problem with a pointer and without the key")
    func refused() throws {
        defer { self.server.stop() }
        let other = self.made.text(of: "server.key")
        for (config, why) in [
            (TLSConfig(trustedCA: "x"), "hold no certificate"),
            (TLSConfig(certificate: self.made.text(of: "client.pem")), "one is missing"),
            (TLSConfig(certificate: "x", key: "s3cret"), "the certificate cannot be used"),
            (
                TLSConfig(certificate: self.made.text(of: "client.pem"), key: "s3cret"),
                "the key cannot be used"
            ),
            (TLSConfig(certificate: self.made.text(of: "client.pem"), key: other), "key"),
        ] {
            #expect {
                _ = try TLSClient(config)
            } throws: {
                "\($0)".contains("/tls") && "\($0)".contains(why) && !"\($0)".contains("s3cret")
            }
        }
    }
}
