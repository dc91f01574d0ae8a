import Filtering
import HTTPCodec
import Primitives
import TestSupport
import Testing

/// What a session makes of messages that keep the rules.
@Suite struct HTTP2MessageTests {
    typealias F = HTTP2Frames

    @Test("A request with body and trailers comes as it was sent, wherever it is cut")
    func request() {
        let bytes =
            F.headers(
                1,
                F.request("/a?b", method: "POST") + [
                    ("user-agent", "x"), ("content-length", "5"), ("te", "trailers"),
                ], end: false)
            + F.data(1, "hel") + F.data(1, "")
            + F.frame(0, flags: 8, stream: 1, [3] + Array("lo".utf8) + [0, 0, 0])
            + F.headers(1, [("x-sum", "7"), ("content-length", "9")])
        let (seen, difference) = outcome(bytes)
        #expect(difference == nil)
        #expect(
            seen.events == [
                "request 1 POST https://a.example/a?b user-agent=x content-length=5 te=trailers",
                "body 1 hello",
                "trailers 1 x-sum=7", "finished 1",
            ])
        #expect(seen.frames == ["HEADERS 1", "DATA 1 ok END"])
    }

    @Test(
        "The rest of a head whose block was taken back is decoded into nowhere, and the table stays in step")
    func takenBack() throws {
        let end = HTTP2End()
        end.receive(F.opening() + F.headers(1, F.request(method: "POST"), end: false))
        end.receive(F.headers(1, [("x-a", "1")], endHeaders: false))
        let stream = try #require(end.handler.streams[1])
        let block = try #require(end.handler.trailerBlocks[1])
        #expect(block.count == 1)
        #expect(end.session.dropOpenHead(of: stream))
        #expect(!end.session.dropOpenHead(of: stream))
        block.reset()
        let indexed = [0x40] + F.string("x-b") + F.string("2")
        end.receive(F.continuation(1, indexed, endHeaders: true))
        #expect(block.count == 0)
        #expect(!end.handler.events.contains { $0.hasPrefix("trailers") })
        end.session.reset(stream, .noError)
        end.receive(F.frame(1, flags: 5, stream: 3, F.block(F.request()) + [0xBE]))
        #expect(end.handler.events.last == "request 3 GET https://a.example/ x-b=2 END")
    }

    @Test("A head in many frames, padded and with a priority, is one head")
    func continuations() {
        let block = F.block(F.request("/c") + [("a", "1")])
        let first = F.frame(1, flags: 0x29, stream: 1, [4, 0, 0, 0, 3, 9] + block.prefix(7) + [0, 0, 0, 0])
        let rest = block.dropFirst(7)
        let bytes =
            first + F.continuation(1, [], endHeaders: false)
            + F.continuation(1, Array(rest.prefix(30)), endHeaders: false)
            + F.continuation(1, Array(rest.dropFirst(30)), endHeaders: true)
        let (seen, difference) = outcome(bytes)
        #expect(difference == nil)
        #expect(seen.events.first == "request 1 GET https://a.example/c a=1 END")
    }

    @Test("HPACK's table serves later heads; known names get their numbers")
    func table() throws {
        // A literal with indexing, then its index.
        let first = F.block(F.request()) + [0x40] + F.string("x-own") + F.string("v")
        let second = F.block(F.request()) + [0xBE]
        let end = HTTP2End()
        end.receive(
            F.opening() + F.frame(1, flags: 5, stream: 1, first) + F.frame(1, flags: 5, stream: 3, second))
        #expect(end.handler.events.suffix(1) == ["request 3 GET https://a.example/ x-own=v END"])
        end.receive(F.headers(5, F.request() + [("accept", "a"), ("x-request-id", "b")]))
        let block = try #require(end.handler.blocks[5])
        #expect(block[0].id == .accept)
        #expect(block[1].id == .xRequestID)
        #expect(block.first(.accept).map { $0 == "a" } == true)
    }

    @Test("A field that its sender kept out of every table stays out of the next peer's, in trailers too")
    func neverIndexed() throws {
        let secret = [0x10] + F.string("x-pin") + F.string("1234")
        let first = HTTP2End()
        first.receive(
            F.opening() + F.frame(1, flags: 4, stream: 1, F.block(F.request() + [("x-open", "1")]) + secret)
                + F.frame(1, flags: 5, stream: 1, secret))
        let client = HTTP2End(.client)
        let second = HTTP2End()
        exchange(client, second)
        let head = try #require(first.handler.blocks[1])
        let trailers = try #require(first.handler.trailerBlocks[1])
        let stream = try #require(
            client.session.sendRequest(
                head, framing: .chunked, options: RequestHeadOptions(), endOfStream: false))
        client.session.sendTrailers(stream, trailers)
        exchange(client, second)
        for end in [first, second] {
            let block = try #require(end.handler.blocks[1])
            let marks = (0..<2).map { "\(block.name(block[$0]).string) \(block[$0].isNeverIndexed)" }
            #expect(marks == ["x-open false", "x-pin true"])
            #expect(try #require(end.handler.trailerBlocks[1])[0].isNeverIndexed)
        }
    }

    @Test("Host stands for a missing authority, and agrees with it without case")
    func host() {
        let noAuthority = F.request().filter { $0.0 != ":authority" }
        for fields in [noAuthority + [("host", "A.example:1")], F.request() + [("host", "A.EXAMPLE")]] {
            let (seen, difference) = outcome(F.headers(1, fields))
            #expect(difference == nil)
            #expect(seen.events.first?.lowercased().hasPrefix("request 1 get https://a.example") == true)
            #expect(seen.events.first?.contains("host=") == false)
        }
    }

    @Test("Crumbs of a cookie are joined, behind the other fields, and count as one")
    func cookies() {
        var settings = HTTP2Settings()
        settings.head.fields = 2
        let crumbs = (0..<5).map { ("cookie", "c\($0)=1") }
        let (seen, difference) = outcome(F.headers(1, F.request() + crumbs + [("accept", "x")]), settings)
        #expect(difference == nil)
        #expect(
            seen.events.first
                == "request 1 GET https://a.example/ accept=x cookie=c0=1; c1=1; c2=1; c3=1; c4=1 END")
    }

    @Test("Crumbs that need more room than the head has leave the head as it was", arguments: 0..<200)
    func longCookies(length: Int) {
        let end = HTTP2End()
        var facts: RequestFacts?
        end.handler.onRequest = { _, found, _ in facts = found }
        let crumbs = [("cookie", String(repeating: "a", count: length)), ("cookie", "b")]
        let fields = [(":method", "HEAD"), (":authority", "h"), (":scheme", "https"), (":path", "/p")]
        end.receive(F.opening() + F.headers(1, fields + crumbs))
        #expect(facts?.isHead == true)
    }

    @Test("A head from HTTP/2 is written for HTTP/1 as one that came over it")
    func toHTTP1() throws {
        let end = HTTP2End()
        var facts = RequestFacts()
        end.handler.onRequest = { _, found, _ in facts = found }
        end.receive(
            F.opening()
                + F.headers(
                    1,
                    [(":method", "POST"), (":authority", "h"), (":scheme", "https"), (":path", "/p")]
                        + [
                            ("accept", "a"), ("x", "y"), ("te", "trailers"), ("cookie", "a=1"),
                            ("cookie", "b=2"),
                        ],
                    end: false))
        let block = try #require(end.handler.blocks[1])
        var options = RequestHeadOptions()
        options.receivedHTTP2 = facts.isHTTP2
        let out = ByteBuffer(capacity: 16)
        HeadWriter.writeRequest(block, framing: facts.framing, options: options, to: out)
        #expect(
            out.view.string
                == "POST /p HTTP/1.1\r\nHost: h\r\naccept: a\r\nx: y\r\ncookie: a=1; b=2\r\n"
                + "Via: 2 postern\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @Test("A one-byte authority before the path is no part of the request line")
    func requestLine() throws {
        let end = HTTP2End()
        end.receive(
            F.opening()
                + F.headers(
                    1, [(":scheme", "http"), (":method", "GET"), (":authority", "a"), (":path", "/p")]))
        let block = try #require(end.handler.blocks[1])
        let out = ByteBuffer(capacity: 16)
        HeadWriter.writeRequest(block, framing: .none, options: RequestHeadOptions(), to: out)
        #expect(out.view.string.hasPrefix("GET /p HTTP/1.1\r\nHost: a\r\n"))
    }

    @Test("The facts say what a body is, whether it is awaited, and which kind of request this is")
    func facts() {
        func facts(_ fields: [(String, String)], end isLast: Bool) -> RequestFacts {
            var settings = HTTP2Settings()
            settings.allowConnect = true
            let end = HTTP2End(.server, settings)
            var facts = RequestFacts()
            end.handler.onRequest = { _, found, _ in facts = found }
            end.receive(F.opening() + F.headers(1, fields, end: isLast))
            return facts
        }
        #expect(facts(F.request(), end: true).framing == .none)
        #expect(facts(F.request(), end: false).framing == .chunked)
        #expect(facts(F.request() + [("content-length", "0")], end: true).framing == .length(0))
        #expect(facts(F.request() + [("content-length", "7, 7")], end: false).framing == .length(7))
        #expect(facts(F.request() + [("expect", "100-continue")], end: false).expectsContinue)
        #expect(!facts(F.request() + [("expect", "100-continue")], end: true).expectsContinue)
        #expect(facts(F.request(method: "HEAD"), end: true).isHead)
        let connect = facts([(":method", "CONNECT"), (":authority", "a:443")], end: false)
        #expect(connect.isConnect && connect.framing == .none && connect.isHTTP2)
        let socket = facts(F.request(method: "CONNECT") + [(":protocol", "WebSocket")], end: false)
        #expect(socket.isUpgrade && socket.isExtendedConnect && !socket.isConnect)
    }

    @Test("Extended CONNECT looks like an upgrade of HTTP/1, and is accepted with 200")
    func extendedConnect() {
        let server = HTTP2End()
        server.handler.onRequest = { [unowned server] stream, facts, _ in
            let block = HeaderBlock()
            block.status = 101
            var options = ResponseHeadOptions()
            options.upgrade = facts.isUpgrade
            options.via = false
            server.session.sendResponse(stream, block, framing: .none, options: options, endOfStream: false)
        }
        server.handler.onBody = { [unowned server] stream, bytes in
            server.session.sendBody(stream, bytes, endOfStream: false)
        }
        let client = HTTP2End(.client)
        var tunnel = ResponseFacts()
        client.handler.onResponse = { _, found in tunnel = found }
        exchange(client, server)
        #expect(client.session.peerAllowsExtendedConnect)
        let block = HeaderBlock()
        block.setMethod(block.copy(ByteView("GET")))
        block.setScheme(block.copy(ByteView("https")))
        block.setAuthority(block.copy(ByteView("a")))
        block.setPath(block.copy(ByteView("/chat")))
        block.add(.upgrade, ByteView("websocket"))
        var options = RequestHeadOptions()
        options.upgrade = true
        let stream = client.session.sendRequest(block, framing: .none, options: options, endOfStream: false)
        exchange(client, server)
        #expect(
            server.handler.events.last == "request 1 GET https://a/chat via=1.1 postern upgrade=websocket")
        #expect(tunnel.isUpgrade && tunnel.isTunnel)
        if let stream { client.session.sendBody(stream, ByteView("frame"), endOfStream: false) }
        exchange(client, server)
        #expect(client.handler.events.suffix(2) == ["response 1 200", "body 1 frame"])
    }

    @Test("Responses: informational ones, the final one, HEAD and 304 with a length, trailers")
    func responses() {
        let client = HTTP2End(.client)
        client.request()
        client.request("HEAD")
        client.request()
        client.receive(
            F.opening(client: false)
                + F.headers(1, [(":status", "103"), ("link", "x")], end: false)
                + F.headers(1, [(":status", "200")], end: false)
                + F.data(1, "hi") + F.headers(1, [("grpc-status", "0")])
                + F.headers(3, [(":status", "200"), ("content-length", "99")])
                + F.headers(5, [(":status", "304"), ("content-length", "99")]))
        #expect(
            client.handler.events.filter { !$0.hasPrefix("finished") } == [
                "response 1 103 link=x", "response 1 200", "body 1 hi", "trailers 1 grpc-status=0",
                "response 3 200 content-length=99 END", "response 5 304 content-length=99 END",
            ])
        #expect(client.session.openStreams == 0)
    }

    @Test("A written head has lower-case names, no field of the connection, and te for gRPC")
    func writing() {
        let server = HTTP2End()
        let client = HTTP2End(.client)
        exchange(client, server)
        let text =
            "POST /x HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, x-drop\r\nX-Drop: 1\r\nTE: trailers\r\n"
            + "X-Own-Name: A\r\nUser-Agent: B\r\nTransfer-Encoding: chunked\r\n"
            + "Trailer: x-t\r\nExpect: 100-continue\r\n\r\n"
        var parser = RequestHeadParser()
        var facts = RequestFacts()
        let block = HeaderBlock()
        _ = text.withByteView { parser.parse($0, into: block, facts: &facts) }
        let stream = client.session.sendRequest(
            block, framing: facts.framing, options: RequestHeadOptions(), endOfStream: false)
        let trailers = HeaderBlock()
        trailers.add(ByteView("X-T"), ByteView("1"))
        trailers.add(.contentLength, ByteView("1"))
        if let stream { client.session.sendTrailers(stream, trailers) }
        exchange(client, server)
        #expect(
            server.handler.events == [
                "request 1 POST http://h/x x-own-name=A user-agent=B trailer=x-t te=trailers via=1.1 postern",
                "trailers 1 x-t=1",
            ])
    }

    @Test("A head larger than a frame goes in several, with nothing between")
    func longHeads() {
        var settings = HTTP2Settings()
        settings.head.head = 200_000
        let server = HTTP2End(.server, settings)
        let client = HTTP2End(.client)
        exchange(client, server)
        let block = HeaderBlock()
        block.setMethod(block.copy(ByteView("GET")))
        block.setScheme(block.copy(ByteView("https")))
        block.setAuthority(block.copy(ByteView("a")))
        block.setPath(block.copy(ByteView("/")))
        let value = String((0..<30_000).map { _ in "~" })
        value.withByteView { _ = block.add(ByteView("x-long"), $0) }
        value.withByteView { _ = block.add(ByteView("x-longer"), $0) }
        var options = RequestHeadOptions()
        options.via = false
        _ = client.session.sendRequest(block, framing: .none, options: options, endOfStream: true)
        let frames = HTTP2RawFrame.all(client.handler.out.view.bytes)
        #expect(frames.map(\.kind) == [1, 9, 9, 9])
        #expect(frames.map { $0.flags & 4 } == [0, 0, 0, 4])
        exchange(client, server)
        #expect(server.handler.events == ["request 1 GET https://a/ x-long=\(value) x-longer=\(value) END"])
    }
}

/// Carries what each has sent to the other, until both are silent.
func exchange(_ client: HTTP2End, _ server: HTTP2End) {
    while !client.handler.out.isEmpty || !server.handler.out.isEmpty {
        for (from, to) in [(client, server), (server, client)] {
            let bytes = from.handler.out.view.bytes
            from.handler.out.reset()
            if !bytes.isEmpty { to.receive(bytes) }
            from.session.finishTurn()
        }
    }
}
