internal import COpenSSL
internal import Foundation
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct TLSStreamTests {
    private static let versions: [TLSVersion] = [.tls12, .tls13]

    @Test(
        "Both sides see plain bytes, and what was sent before the handshake leaves behind it",
        arguments: versions)
    func plainBytes(version: TLSVersion) throws {
        let pair = try TLSPair(
            TLSFixture.server { $0.alpn = ["h2", "http/1.1"] },
            TLSFixture.client {
                ($0.minimum, $0.maximum) = (version, version)
                $0.alpn = ["http/1.1"]
            })
        pair.server.greeting = "welcome"
        pair.client.send(ByteView("early"))
        #expect(pair.client.isSecuring)
        #expect(pair.turn { pair.server.text == "early" && pair.client.text == "welcome" })
        #expect(pair.client.events == ["secured", "drained"])
        for stream in [pair.server, pair.client] {
            #expect(stream.tls?.version == version)
            #expect(stream.tls?.alpn.string == "http/1.1")
            #expect(stream.tls?.isResumed == false)
            #expect(stream.unsentBytes == 0)
        }
        #expect(pair.server.tls?.serverName == "a.example")
        #expect(pair.server.tls?.cipher.hasPrefix("TLS_") == true)
        #expect(pair.client.tls?.peerIdentity?.facts.dnsNames.first == "a.example")
        #expect(pair.server.tls?.peerIdentity == nil)
        pair.close()
    }

    @Test("What a slow socket leaves does not add up, and a peer that talks meanwhile is not given up")
    func slowSocket() throws {
        let sockets = try TLSPair.sockets()
        var room: Int32 = 16 << 10
        setsockopt(sockets.0.descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        let pair = try TLSPair(EventLoop(), sockets)
        pair.server.startTLS(try TLSFixture.server())
        pair.client.startTLS(
            to: TLSPeer(try TLSFixture.client(), serverName: "a.example", verifiedName: "a.example"))
        #expect(pair.handshake())
        let much = [UInt8](repeating: 7, count: 8 << 20)
        much.withByteView { pair.server.send($0) }
        pair.turn {
            pair.client.send(ByteView("x"))
            return pair.client.received.count == much.count || pair.server.isClosed
        }
        #expect(pair.client.received.count == much.count)
        #expect(!pair.server.isClosed)
        pair.close()
    }

    @Test("Much more than a socket holds arrives whole and in order, in both directions", arguments: versions)
    func bulk(version: TLSVersion) throws {
        let pair = try TLSPair(
            TLSFixture.server(), TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) })
        #expect(pair.handshake())
        var expected: [UInt8] = []
        var block = 0
        for size in [1, 100, 4095, 4096, 5000, 16_384, 16_385, 65_536, 70_000, 300_000, 3, 1_000_000, 40_000]
        {
            block += 1
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ block) }
            bytes.withByteView {
                pair.server.send($0, tail: "\r\n")
                pair.client.send($0, tail: "\r\n")
            }
            expected += bytes + [13, 10]
        }
        #expect(pair.server.isWriteBlocked)
        #expect(pair.server.unsentBytes > 0)
        #expect(
            pair.turn {
                pair.client.received.count == expected.count && pair.server.received.count == expected.count
            })
        #expect(pair.client.received.view.bytes == expected)
        #expect(pair.server.received.view.bytes == expected)
        #expect(pair.turn { pair.server.events.last == "drained" && pair.client.events.last == "drained" })
        #expect(pair.server.unsentBytes == 0)
        pair.close()
    }

    @Test("While reading is paused nothing is shown; then all of it is, without another event")
    func pause() throws {
        let pair = try TLSPair(TLSFixture.server(), TLSFixture.client())
        pair.server.pauseReading()
        #expect(pair.handshake())
        pair.client.send(ByteView("abc"))
        for _ in 0..<5 { pair.loop.turn(wait: false) }
        #expect(pair.server.text == "")
        pair.server.resumeReading()
        #expect(pair.turn { pair.server.text == "abc" })
        pair.close()
    }

    @Test("An end by close_notify is the end of input; our direction goes on", arguments: versions)
    func halfClose(version: TLSVersion) throws {
        let pair = try TLSPair(
            TLSFixture.server(), TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) })
        #expect(pair.handshake())
        pair.client.send(ByteView("last"))
        pair.client.shutdownOutput()
        #expect(pair.turn { pair.server.events.contains("ended") })
        #expect(pair.server.text == "last")
        pair.server.send(ByteView("answer"))
        #expect(pair.turn { pair.client.text == "answer" })
        for _ in 0..<5 { pair.loop.turn(wait: false) }
        #expect(pair.server.events.filter { $0 == "ended" }.count == 1)
        pair.close()
    }

    @Test("A close says close_notify; a connection that ends without is a failure, not an end")
    func truncation() throws {
        let orderly = try TLSPair(TLSFixture.server(), TLSFixture.client())
        #expect(orderly.handshake())
        orderly.client.close()
        #expect(orderly.turn { orderly.server.events.last == "ended" })
        orderly.close()

        let cut = try TLSPair(TLSFixture.server(), TLSFixture.client())
        #expect(cut.handshake())
        cut.client.send(ByteView("half of a resp"))
        #expect(cut.turn { cut.server.text == "half of a resp" })
        cut.client.socket.shutdownOutput()
        #expect(cut.turn { cut.server.events.contains("failed \(ECONNRESET)") })
        #expect(cut.server.failure == "the peer has ended the connection without close_notify")
        #expect(!cut.server.events.contains("ended"))
        cut.close()
    }

    @Test("TLS can begin with bytes that were read before it")
    func detected() throws {
        let pair = try TLSPair(EventLoop())
        pair.server.upgrade = try TLSFixture.server()
        pair.client.startTLS(
            to: TLSPeer(try TLSFixture.client(), serverName: "a.example", verifiedName: "a.example"))
        pair.client.send(ByteView("request"))
        #expect(pair.turn { pair.server.text == "request" })
        #expect(pair.server.events.first == "saw 22")
        pair.close()
    }

    @Test("A handshake and its data may come a byte at a time", arguments: versions)
    func byteByByte(version: TLSVersion) throws {
        let loop = try EventLoop()
        let (a, near) = try TLSPair.sockets()
        let (b, far) = try TLSPair.sockets()
        let server = TLSPair.Stream(loop: loop, socket: a, isConnecting: false)
        let client = TLSPair.Stream(loop: loop, socket: b, isConnecting: false)
        try server.start()
        try client.start()
        server.greeting = "welcome"
        server.startTLS(try TLSFixture.server())
        client.startTLS(
            to: TLSPeer(
                try TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) },
                serverName: "a.example",
                verifiedName: "a.example"))
        client.send(ByteView("request"))
        let byte = ByteBuffer(capacity: 16)
        for _ in 0..<20_000 where server.text != "request" || client.text != "welcome" {
            loop.turn(wait: false)
            for (from, to) in [(near, far), (far, near)] {
                byte.reset()
                guard from.receive(byte.base, 1) == 1 else { continue }
                byte.writeIndex = 1
                #expect(to.write(byte.view) == .bytes(1))
            }
        }
        #expect(server.text == "request")
        #expect(client.text == "welcome")
        for stream in [server, client] { stream.close() }
        loop.turn(wait: false)
        for socket in [near, far] { socket.close() }
    }

    @Test("What others have left in OpenSSL's queue of errors ends no connection", arguments: versions)
    func errorsOfOthers(version: TLSVersion) throws {
        func fail() { EVP_CIPHER_free(EVP_CIPHER_fetch(nil, "no such cipher", nil)) }
        let pair = try TLSPair(
            TLSFixture.server(), TLSFixture.client { ($0.minimum, $0.maximum) = (version, version) })
        #expect(
            pair.turn {
                fail()
                return pair.server.isSecured && pair.client.isSecured
            })
        pair.client.send(ByteView("request"))
        #expect(
            pair.turn {
                fail()
                return pair.server.text == "request"
            })
        fail()
        pair.server.send(ByteView("answer"))
        #expect(
            pair.turn {
                fail()
                return pair.client.text == "answer"
            })
        fail()
        pair.server.close()
        #expect(
            pair.turn {
                fail()
                return pair.client.events.contains("ended")
            })
        #expect(pair.server.failure == nil)
        #expect(pair.client.failure == nil)
        pair.close()
        ERR_clear_error()
    }

    @Test("What is no TLS fails with a reason, and nobody is told of bytes")
    func noTLS() throws {
        let pair = try TLSPair(EventLoop())
        pair.server.startTLS(try TLSFixture.server())
        pair.client.send(ByteView("GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
        #expect(pair.failure().server == "http request")
        #expect(pair.server.events == ["failed \(EPROTO)", "closed"])
        #expect(pair.server.text == "")
    }

    @Test("A client that goes away in the middle of a handshake is a failure")
    func goneInHandshake() throws {
        let pair = try TLSPair(EventLoop())
        pair.server.startTLS(try TLSFixture.server())
        pair.client.send(ByteView("\u{16}\u{3}\u{1}"))
        pair.loop.turn(wait: false)
        pair.client.close()
        #expect(pair.turn { pair.server.events.first == "failed \(ECONNRESET)" })
    }
}
