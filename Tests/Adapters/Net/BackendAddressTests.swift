import PluginNet
import PosternSDK
import Testing

@Suite struct BackendAddressTests {
    @Test(
        "What configurations spell is taken and spelt alike",
        arguments: [
            ("10.0.0.1:514", "10.0.0.1", 514), ("[::1]:6514", "::1", 6514),
            ("log.example:1", "log.example", 1),
        ])
    func taken(_ text: String, _ host: String, _ port: UInt16) throws {
        let address = try #require(BackendAddress(text))
        #expect(address.host == host && address.port == port && "\(address)" == text)
    }

    @Test("A port may be left out where there is a usual one, and a path needs none")
    func usual() throws {
        #expect(BackendAddress("a.example", defaultPort: 80)?.port == 80)
        #expect(BackendAddress("[::1]", defaultPort: 80)?.description == "[::1]:80")
        let path = try #require(BackendAddress("unix:/run/log"))
        #expect(path.host == nil && path.port == nil && "\(path)" == "unix:/run/log")
    }

    @Test(
        "What is malformed is refused",
        arguments: [
            "", "a", "a:", ":1", "a:0", "a:65536", "a:+1", "a: 1", "a:1x", "[::1", "[a]:1", "::1:1", "a b:1",
            "unix:run", "unix:/" + String(repeating: "x", count: 107), "user@a:1",
        ])
    func refused(_ text: String) {
        #expect(BackendAddress(text) == nil)
        #expect {
            try BackendAddress(configText: text, at: "/address")
        } throws: {
            "\($0)".contains("/address") && "\($0)".contains("must be HOST:PORT")
        }
    }

    @Test("URLs are taken apart")
    func urls() throws {
        let url = try #require(HTTPURL("https://logs.example/push?a=b"))
        #expect(url.isSecure && url.address.port == 443 && url.target == "/push?a=b")
        #expect(url.authority == "logs.example")
        #expect(HTTPURL("http://[::1]:80")?.target == "/")
        #expect(HTTPURL("http://a?b")?.target == "/?b")
        for bad in [
            "", "a", "ftp://a", "http://", "http://u:p@a/", "http://a/#b", "http://a/ b", "http://a:x/",
        ] {
            #expect(HTTPURL(bad) == nil, "\(bad)")
        }
    }
}
