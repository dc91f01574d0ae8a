import Glibc
import Primitives
import Reactor
import Testing

@Suite struct SocketAddressTests {
    @Test(
        "Reads the three forms and writes them as they were",
        arguments: [
            ("127.0.0.1:8080", SocketAddress.Family.ipv4, "127.0.0.1", UInt16(8080)),
            ("0.0.0.0:0", .ipv4, "0.0.0.0", 0), ("255.255.255.255:65535", .ipv4, "255.255.255.255", 65_535),
            ("[::1]:80", .ipv6, "::1", 80), ("[2001:db8::a:1]:443", .ipv6, "2001:db8::a:1", 443),
            ("[::ffff:10.0.0.1]:1", .ipv6, "::ffff:10.0.0.1", 1),
            ("unix:/run/a b.sock", .unix, "/run/a b.sock", 0),
            ("unix:relative", .unix, "relative", 0),
        ])
    func reads(text: String, family: SocketAddress.Family, host: String, port: UInt16) throws {
        let address = try #require(SocketAddress(parsing: text))
        #expect(address.family == family)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test("Writes an IPv6 address in its short form")
    func shortForm() {
        #expect(SocketAddress(parsing: "[0:0:0:0:0:0:0:1]:80")?.description == "[::1]:80")
    }

    @Test(
        "Refuses what has none of the forms",
        arguments: [
            "", ":", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
            "127.0.0.1:8o",
            "127.0.0:80", "127.0.0.256:80", "127.0.0.01x:80", "localhost:80", "::1:80", "[::1]", "[::1]80",
            "[::1:80", "::1]:80", "[::g]:80", "[127.0.0.1]:80", "[]:80", "[::1]:", "unix:", "unix:a\0b",
        ])
    func refuses(text: String) {
        #expect(SocketAddress(parsing: text) == nil)
    }

    @Test(
        "A Unix path may be as long as the kernel's field, less the end",
        arguments: [(107, true), (108, false)])
    func longPath(length: Int, isTaken: Bool) {
        let path = "/" + String(repeating: "a", count: length - 1)
        #expect((SocketAddress(parsing: "unix:\(path)")?.host == path) == isTaken)
    }

    @Test("Listening tells the port that was given, and a connection both its ends")
    func ends() throws {
        for text in ["127.0.0.1:0", "[::1]:0"] {
            let listener = try Socket.listen(on: #require(SocketAddress(parsing: text)), sharesPort: false)
            defer { listener.close() }
            let address = try #require(listener.localAddress)
            #expect(address.port != 0)
            let client = try Socket.connect(to: address)
            defer { client.close() }
            #expect(client.remoteAddress == address)
            var peer = PeerAddress(ip: nil, port: 0)
            guard case .bytes(let descriptor) = listener.accept(from: &peer) else {
                Issue.record("nobody waits at \(address)")
                return
            }
            let server = Socket(descriptor: Int32(descriptor))
            defer { server.close() }
            #expect(peer.ip == IPAddress(ByteView(text.hasPrefix("[") ? "::1" : "127.0.0.1")))
            #expect(peer.port == client.localAddress?.port)
            var isAtOnce: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(server.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isAtOnce, &length)
            #expect(isAtOnce != 0)
            #expect(server.localAddress == address)
            #expect(server.remoteAddress == client.localAddress)
        }
    }

    @Test("A port that is taken cannot be listened at, unless it is shared")
    func takenPort() throws {
        let first = try Socket.listen(on: #require(SocketAddress(parsing: "127.0.0.1:0")), sharesPort: true)
        defer { first.close() }
        let address = try #require(first.localAddress)
        let error = #expect(throws: SocketError.self) { try Socket.listen(on: address, sharesPort: false) }
        #expect(error?.description.contains("\(address)") == true)
        try Socket.listen(on: address, sharesPort: true).close()
    }
}
