internal import Foundation
internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    /// CONNECT and WebSocket over streams of HTTP/2 (RFC 9113, 8.5; RFC 8441).
    @Suite struct HTTP2TunnelTests {
        let backend: RawBackend

        init() throws { self.backend = try RawBackend() }

        private static let webSocket = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":authority", "a"),
            (":path", "/chat"), ("sec-websocket-version", "13"),
        ]

        /// Switches, and sends back what it is sent until the client ends.
        private func echo() {
            self.backend.on("/chat") { connection, head in
                #expect(head["upgrade"] == "websocket")
                #expect(head["sec-websocket-key"]?.utf8.count == 24)
                try connection.send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\nfirst")
                while case let bytes = try connection.readSome(), !bytes.isEmpty {
                    try connection.send(bytes)
                }
                try connection.send("bye")
                return false
            }
        }

        @Test("A WebSocket over HTTP/2 reaches a service of HTTP/1.1, with what was sent before its answer")
        func webSocketDown() throws {
            self.echo()
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend))
            let client = try worker.connectHTTP2()
            try client.read { client.setting(8) == 1 }
            let stream = client.takeNumber()
            try client.send(
                HTTP2Frames.headers(stream, Self.webSocket, end: false), HTTP2Frames.data(stream, "early"))
            try client.read { client[stream].text == "firstearly" }
            #expect(client[stream].status == 200)
            #expect(client[stream]["sec-websocket-accept"] == nil)
            #expect(client[stream]["upgrade"] == nil)
            #expect(client[stream]["sec-websocket-protocol"] == "chat")
            let long = String(repeating: "x", count: 16_000)
            for _ in 0..<20 { try client.send(HTTP2Frames.data(stream, long)) }
            try client.read { client[stream].body.count == 10 + 320_000 }
            try client.send(HTTP2Frames.data(stream, "", end: true))
            let message = try client.finish(stream)
            #expect(message.text.hasSuffix("xbye"))
            #expect(try client.ask().text == "backend")
        }

        @Test("A service that declines a WebSocket answers, and the stream is over")
        func declined() throws {
            self.backend.on("/chat", answer: "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(HTTP2Frames.headers(stream, Self.webSocket, end: false))
            try client.read { client[stream].reset != nil }
            #expect(client[stream].status == 403)
            #expect(client[stream].text == "no")
            #expect(client[stream].reset == "NO_ERROR")
            #expect(try client.ask().text == "backend")
        }

        @Test("A WebSocket of HTTP/1.1 reaches a service of HTTP/2 by extended CONNECT")
        func webSocketUp() throws {
            let service = try HTTP2Backend(settings: [(8, 1)])
            service.on("/chat") { connection, stream in
                let request = connection[stream]
                #expect(request[":method"] == "CONNECT")
                #expect(request[":protocol"] == "websocket")
                #expect(request["connection"] == nil)
                try connection.respond(
                    stream, [("sec-websocket-protocol", "chat")], body: "first", end: false)
                try connection.read { connection[stream].text == "hello" }
                try connection.send(HTTP2Frames.data(stream, "hello"))
                try connection.read { connection[stream].isEnded }
                try connection.send(HTTP2Frames.data(stream, "bye", end: true))
            }
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: service))
            let client = try worker.connect()
            try client.send(
                "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
            let head = try client.readHead()
            #expect(head.status == 101)
            #expect(head["upgrade"] == "websocket")
            // The example of RFC 6455, 1.3.
            #expect(head["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(head["sec-websocket-protocol"] == "chat")
            #expect(try client.read(5) == Array("first".utf8))
            try client.send("hello")
            #expect(try client.read(5) == Array("hello".utf8))
            client.socket.endWriting()
            #expect(try client.readToEnd() == Array("bye".utf8))
        }

        @Test("A WebSocket passes from stream to stream")
        func webSocketThrough() throws {
            let service = try HTTP2Backend(settings: [(8, 1)])
            service.on("/chat") { connection, stream in
                try connection.respond(stream, end: false)
                try connection.read { connection[stream].text == "hello" }
                try connection.send(HTTP2Frames.data(stream, "world", end: true))
            }
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: service))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(
                HTTP2Frames.headers(stream, Self.webSocket, end: false), HTTP2Frames.data(stream, "hello"))
            #expect(try client.finish(stream).text == "world")
            #expect(client[stream].status == 200)
            // The service's end is the tunnel's.
            try client.read { client[stream].reset == "NO_ERROR" }
        }

        @Test("A service that accepts a WebSocket and ends at once leaves no tunnel")
        func endsAtOnce() throws {
            let service = try HTTP2Backend(settings: [(8, 1)])
            service.on("/chat") { connection, stream in try connection.respond(stream) }
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: service))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(HTTP2Frames.headers(stream, Self.webSocket, end: false))
            #expect(try client.finish(stream).status == 200)
            #expect(eventually { worker.onWorker { $0.spareExchanges.count == $0.exchanges.count } == true })
        }

        @Test("A service that does not offer extended CONNECT gets no WebSocket")
        func notOffered() throws {
            let service = try HTTP2Backend()
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: service))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(HTTP2Frames.headers(stream, Self.webSocket, end: false))
            #expect(try client.finish(stream).status == 502)
            #expect(service.requests.isEmpty)
        }

        @Test("A protocol that is not listed is answered with 501")
        func otherProtocol() throws {
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            let fields = Self.webSocket.map { $0.0 == ":protocol" ? ($0.0, "other") : $0 }
            try client.send(HTTP2Frames.headers(stream, fields, end: false))
            #expect(try client.finish(stream).status == 501)
        }

        @Test("A silent tunnel to a service of HTTP/2 ends in time")
        func idleTunnel() throws {
            let service = try HTTP2Backend(settings: [(8, 1)])
            service.on("/chat") { connection, stream in try connection.respond(stream, end: false) }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: service, service: "timeouts: { idle: 200ms }"))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(HTTP2Frames.headers(stream, Self.webSocket, end: false))
            try client.read { client[stream].reset != nil }
            #expect(client[stream].status == 200)
            #expect(eventually { service.connections[0].connection?[1].reset == "CANCEL" })
        }

        @Test("CONNECT, where it is allowed, opens a tunnel in both directions")
        func connect() throws {
            self.backend.on("a.example:443") { connection, head in
                #expect(head.startLine == "CONNECT a.example:443 HTTP/1.1")
                try connection.send("HTTP/1.1 200 OK\r\n\r\nfirst")
                try connection.send(connection.read(5))
                return false
            }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, listener: "allowConnect: true"))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(
                HTTP2Frames.headers(
                    stream, [(":method", "CONNECT"), (":authority", "a.example:443")], end: false),
                HTTP2Frames.data(stream, "hello"))
            let message = try client.finish(stream)
            #expect(message.status == 200)
            #expect(message.text == "firsthello")
        }

        @Test("CONNECT is refused where it is not allowed")
        func connectRefused() throws {
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: self.backend))
            let client = try worker.connectHTTP2()
            let stream = client.takeNumber()
            try client.send(
                HTTP2Frames.headers(
                    stream, [(":method", "CONNECT"), (":authority", "a.example:443")], end: false))
            #expect(try client.finish(stream).status == 405)
        }
    }
}
