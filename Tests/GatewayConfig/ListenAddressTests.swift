internal import GatewayConfig
internal import Testing

@Suite struct ListenAddressTests {
    @Test(
        "Reads each written form and prints it back in its shortest spelling",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("0.0.0.0:0", "0.0.0.0:0"), ("[::1]:80", "[::1]:80"),
            ("[2001:0DB8:0:0::5]:65535", "[2001:db8::5]:65535"), ("unix:/run/p.sock", "unix:/run/p.sock"),
        ]
    )
    func roundTrip(text: String, spelling: String) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.description == spelling)
    }

    @Test(
        "Refuses host names, missing or bad ports, and paths too long for a socket",
        arguments: [
            "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.1:80",
            "::1:80",
            "[::1]", "[::1", "[127.0.0.1]:80", "[fe80::1%eth0]:80", "unix:", "", ":80",
            "unix:/" + String(repeating: "x", count: 107),
        ]
    )
    func refuses(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test("Gives the address as numbers in the machine's byte order")
    func numbers() {
        #expect(ListenAddress("127.0.0.1:8080") == .ipv4(0x7F00_0001, port: 8080))
        #expect(ListenAddress("[2001:db8::5]:1") == .ipv6(high: 0x2001_0DB8_0000_0000, low: 5, port: 1))
    }
}
