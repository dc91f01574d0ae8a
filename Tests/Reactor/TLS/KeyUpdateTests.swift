internal import COpenSSL
internal import Glibc
internal import Primitives
internal import Reactor
internal import TestSupport
internal import Testing

@Suite(.ownThread) struct KeyUpdateTests {
    /// A client that asks for new keys as often as it likes, over a socket that it need not read.
    private final class Client {
        private let context: OpaquePointer?
        private let session: OpaquePointer?
        private let socket: Socket

        init(_ socket: Socket) {
            self.socket = socket
            self.context = SSL_CTX_new(TLS_client_method())
            self.session = SSL_new(self.context)
            SSL_set_fd(self.session, socket.descriptor)
            SSL_set_connect_state(self.session)
        }

        deinit {
            SSL_free(self.session)
            SSL_CTX_free(self.context)
            self.socket.close()
            ERR_clear_error()
        }

        var isSecured: Bool { SSL_do_handshake(self.session) == 1 }

        /// Whether it has left.
        func update() -> Bool {
            ERR_clear_error()
            if SSL_get_key_update_type(self.session) == SSL_KEY_UPDATE_NONE {
                SSL_key_update(self.session, SSL_KEY_UPDATE_REQUESTED)
            }
            return SSL_do_handshake(self.session) == 1
        }

        func send(_ text: String) -> Bool {
            ERR_clear_error()
            return SSL_write(self.session, text, Int32(text.utf8.count)) > 0
        }

        /// Nothing that comes is taken any more.
        func stopReading() { shutdown(self.socket.descriptor, Int32(SHUT_RD)) }

        /// What has come, at most so much.
        func read() -> String {
            ERR_clear_error()
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = SSL_read(self.session, &bytes, 100)
            return String(decoding: bytes.prefix(max(Int(count), 0)), as: UTF8.self)
        }
    }

    private func pair() throws -> (server: TLSPair.Stream, client: Client, loop: EventLoop) {
        let (near, far) = try TLSPair.sockets()
        let loop = try EventLoop()
        let server = TLSPair.Stream(loop: loop, socket: near, isConnecting: false)
        try server.start()
        server.startTLS(try TLSFixture.server())
        let client = Client(far)
        for _ in 0..<1000 where !server.isSecured {
            _ = client.isSecured
            loop.turn(wait: false)
        }
        try #require(server.isSecured)
        return (server, client, loop)
    }

    @Test("New keys are taken and answered, as often as data comes between them")
    func honest() throws {
        let (server, client, loop) = try self.pair()
        for round in 0..<100 {
            for _ in 0...round % 16 {
                #expect(client.update())
                loop.turn(wait: false)
            }
            #expect(client.send("x"))
            server.send(ByteView("y"))
            for _ in 0..<1000 where server.received.count <= round { loop.turn(wait: false) }
            #expect(client.read() == "y")
        }
        #expect(server.received.count == 100)
        #expect(server.failure == nil)
        server.close()
        loop.turn(wait: false)
    }

    @Test("Who changes keys again and again and sends nothing else is disconnected")
    func flood() throws {
        let (server, client, loop) = try self.pair()
        var sent = 0
        while sent < 200, !server.events.contains("closed") {
            _ = client.update()
            sent += 1
            loop.turn(wait: false)
        }
        #expect((30...40).contains(sent))
        #expect(server.failure == "too many changes of keys")
        #expect(server.events.suffix(2) == ["failed \(EPROTO)", "closed"])
        loop.turn(wait: false)
    }

    @Test("Answers to who takes nothing any more go to nobody else")
    func unwritableAnswers() throws {
        let (server, client, loop) = try self.pair()
        let other = try TLSPair(TLSFixture.server(), TLSFixture.client(), loop: loop)
        #expect(other.handshake())
        server.staysOpen = true
        client.stopReading()
        server.send(ByteView("x"))
        #expect(other.turn { server.events.contains("failed \(EPIPE)") })
        // The answer to the first leaves, or would, with the second.
        for _ in 0..<2 { #expect(client.update()) }
        #expect(client.send("z"))
        #expect(other.turn { server.text == "z" })
        other.server.send(ByteView("y"))
        #expect(other.turn { other.client.text == "y" })
        #expect(other.client.failure == nil)
        server.close()
        other.close()
    }

    @Test("Who does not read the answers to its changes of keys cannot fill memory with them")
    func unreadAnswers() throws {
        let (server, client, loop) = try self.pair()
        var most = 0
        for round in 0..<30_000 where !server.events.contains("closed") {
            if client.update(), round % 8 == 0 { _ = client.send("x") }
            loop.turn(wait: false)
            most = max(most, server.unsentBytes)
        }
        #expect(server.events.contains("closed"))
        #expect(most < 400_000)
        loop.turn(wait: false)
    }
}
