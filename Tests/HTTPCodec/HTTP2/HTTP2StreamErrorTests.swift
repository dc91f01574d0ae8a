import HTTPCodec
import TestSupport
import Testing

/// What must end one stream and leave the connection alive, however the bytes are cut.
@Suite struct HTTP2StreamErrorTests {
    typealias F = HTTP2Frames

    struct Case: CustomTestStringConvertible, Sendable {
        let rule: String
        let code: String
        let bytes: [UInt8]
        var testDescription: String { self.rule }

        init(_ rule: String, _ code: String, _ bytes: [UInt8]) {
            self.rule = rule
            self.code = code
            self.bytes = bytes
        }
    }

    /// A request whose fields follow the four that it needs.
    private static func with(_ fields: (String, String)...) -> [UInt8] {
        F.headers(1, F.request() + fields)
    }

    /// A request without one of the fields that it needs, and with others.
    private static func without(_ name: String, _ fields: (String, String)...) -> [UInt8] {
        F.headers(1, F.request().filter { $0.0 != name } + fields)
    }

    private static func post(_ fields: (String, String)...) -> [UInt8] {
        F.headers(1, F.request(method: "POST") + fields, end: false)
    }

    static let open = F.headers(1, F.request(), end: false)

    static let frames: [Case] = [
        Case("5.1 DATA after the end", "STREAM_CLOSED", F.headers(1, F.request()) + F.data(1, "x")),
        Case(
            "5.1 HEADERS after the end", "STREAM_CLOSED",
            F.headers(1, F.request()) + F.headers(1, [("a", "b")])),
        Case("6.3 PRIORITY of 4 bytes", "FRAME_SIZE_ERROR", open + F.frame(2, stream: 1, [0, 0, 0, 0])),
        Case(
            "RFC 7540, 5.3.1: a stream that depends on itself", "PROTOCOL_ERROR",
            open + F.frame(2, stream: 1, [0, 0, 0, 1, 1])),
        Case(
            "RFC 7540, 5.3.1: a head that depends on itself", "PROTOCOL_ERROR",
            F.frame(1, flags: 0x25, stream: 1, [0x80, 0, 0, 1, 9] + F.block(F.request()))),
        Case("6.9 an increment of 0", "PROTOCOL_ERROR", open + F.windowUpdate(1, 0)),
        Case("6.9.1 a window past 2^31-1", "FLOW_CONTROL_ERROR", open + F.windowUpdate(1, .max >> 1)),
        Case(
            "8.1 a second head without the end", "PROTOCOL_ERROR",
            open + F.headers(1, [("a", "b")], end: false)),
        Case("8.1 trailers with a pseudo-field", "PROTOCOL_ERROR", open + F.headers(1, [(":path", "/")])),
        Case(
            "8.1 trailers with a field of the connection", "PROTOCOL_ERROR",
            open + F.headers(1, [("connection", "x")])),
    ]

    static let heads: [Case] = [
        Case("8.2 a capital", "", with(("X-A", "b"))),
        Case("8.2 a capital in a known name", "", with(("Accept", "b"))),
        Case("8.2.1 an empty name", "", with(("", "b"))),
        Case("8.2.1 a blank in a name", "", with(("a b", "c"))),
        Case("8.2.1 a colon in a name", "", with(("a:b", "c"))),
        Case("8.2.1 a byte over 0x7F in a name", "", with(("a\u{E9}", "c"))),
        Case("8.2.1 NUL in a value", "", with(("a", "b\0c"))),
        Case("8.2.1 LF in a value", "", with(("a", "b\nc"))),
        Case("8.2.1 CR in a value", "", with(("a", "b\rc"))),
        Case("8.2.1 a blank before a value", "", with(("a", " b"))),
        Case("8.2.1 a tab behind a value", "", with(("a", "b\t"))),
        Case("8.2.2 connection", "", with(("connection", "keep-alive"))),
        Case("8.2.2 keep-alive", "", with(("keep-alive", "1"))),
        Case("8.2.2 proxy-connection", "", with(("proxy-connection", "x"))),
        Case("8.2.2 transfer-encoding", "", with(("transfer-encoding", "chunked"))),
        Case("8.2.2 upgrade", "", with(("upgrade", "h2c"))),
        Case("8.2.2 te that is not trailers", "", with(("te", "gzip"))),
        Case("8.2.2 te with more than trailers", "", with(("te", "trailers, gzip"))),
        Case("8.3 an unknown pseudo-field", "", F.headers(1, F.request() + [(":foo", "b")])),
        Case("8.3 a response's pseudo-field", "", F.headers(1, F.request() + [(":status", "200")])),
        Case("8.3 a late pseudo-field", "", F.headers(1, [("a", "b")] + F.request())),
        Case("8.3 a repeated pseudo-field", "", F.headers(1, F.request() + [(":path", "/")])),
        Case("8.3.1 no method", "", without(":method")),
        Case("8.3.1 no scheme", "", without(":scheme")),
        Case("8.3.1 no path", "", without(":path")),
        Case("8.3.1 neither authority nor host", "", without(":authority")),
        Case("8.3.1 an empty path", "", without(":path", (":path", ""))),
        Case("8.3.1 a path without slash", "", without(":path", (":path", "a"))),
        Case("8.3.1 a path with a blank", "", without(":path", (":path", "/a b"))),
        Case("8.3.1 an asterisk without OPTIONS", "", without(":path", (":path", "*"))),
        Case("8.3.1 an empty authority", "", without(":authority", (":authority", ""))),
        Case("8.3.1 user information", "", without(":authority", (":authority", "me@a.example"))),
        Case("8.3.1 a host that differs", "", with(("host", "b.example"))),
        Case("8.3.1 two hosts", "", with(("host", "a.example"), ("host", "a.example"))),
        Case("8.3.1 an empty method", "", without(":method", (":method", ""))),
        Case("8.3.1 a scheme that is none", "", without(":scheme", (":scheme", "ht tp"))),
        Case(
            "8.5 CONNECT with a path", "",
            F.headers(1, [(":method", "CONNECT"), (":authority", "a:1"), (":path", "/")])),
        Case(
            "8.5 CONNECT with a scheme", "",
            F.headers(1, [(":method", "CONNECT"), (":authority", "a:1"), (":scheme", "http")])),
        Case("8.5 CONNECT without authority", "", F.headers(1, [(":method", "CONNECT")])),
        Case("8.5 CONNECT without a port", "", F.headers(1, [(":method", "CONNECT"), (":authority", "a")])),
        Case(
            "RFC 8441, 4: a protocol without CONNECT", "",
            F.headers(1, F.request() + [(":protocol", "websocket")])),
        Case(
            "RFC 8441, 4: a protocol without path", "",
            F.headers(
                1,
                [
                    (":method", "CONNECT"), (":authority", "a"), (":scheme", "https"),
                    (":protocol", "websocket"),
                ])),
        Case(
            "8.1.1 less than content-length", "", post(("content-length", "5")) + F.data(1, "abcd", end: true)
        ),
        Case("8.1.1 more than content-length", "", post(("content-length", "3")) + F.data(1, "abcd")),
        Case("8.1.1 no body for content-length", "", with(("content-length", "3"))),
        Case(
            "8.1.1 trailers before content-length is there", "",
            post(("content-length", "3")) + F.headers(1, [("a", "b")])),
        Case(
            "8.1.1 an empty end before it is there", "",
            post(("content-length", "3")) + F.data(1, "", end: true)),
        Case("8.1.1 two lengths", "", post(("content-length", "3"), ("content-length", "4"))),
        Case("8.1.1 a length that is no number", "", post(("content-length", "+3"))),
    ]

    @Test("A fault on one stream resets it, and the next request is answered", arguments: frames)
    func streamError(_ test: Case) {
        // Not answered before its end is wrong.
        let (seen, difference) = outcome(test.bytes + F.headers(3, F.request("/next"))) { end in
            end.handler.onRequest = { [unowned end] stream, _, _ in
                if stream.id == 3 { end.respond(stream, "") }
            }
        }
        #expect(difference == nil)
        #expect(seen.frames == ["RST_STREAM 1 \(test.code)", "HEADERS 3 END"], "\(seen)")
    }

    @Test("A malformed request reaches nobody, and its stream is reset with PROTOCOL_ERROR", arguments: heads)
    func malformed(_ test: Case) {
        let (seen, difference) = outcome(test.bytes + F.headers(3, F.request("/next"))) { $0.answer("") }
        #expect(difference == nil)
        #expect(seen.frames == ["RST_STREAM 1 PROTOCOL_ERROR", "HEADERS 3 END"], "\(seen)")
        let failures = seen.events.filter { $0.hasPrefix("failed 1 PROTOCOL_ERROR http2.") }
        #expect(failures.count == 1, "\(seen)")
        #expect(!seen.events.contains { $0.hasPrefix("end 1") || $0.hasPrefix("trailers 1") }, "\(seen)")
    }

    @Test("A head that is not served can be answered, and is reset when it is not")
    func refusals() {
        var settings = HTTP2Settings()
        settings.head = HeadLimits(head: 400, fields: 3, url: 20)
        let long = String(repeating: "a", count: 300)
        let cases: [(String, [(String, String)])] = [
            ("414 http2.url_too_long", F.request("/" + long.prefix(20))),
            ("431 http2.head_too_large", F.request() + [("a", long)]),
            ("431 http2.too_many_fields", F.request() + (0..<4).map { ("\($0)", "") }),
            (
                "400 http2.unknown_scheme",
                [(":method", "GET"), (":scheme", "ftp"), (":authority", "a"), (":path", "/")]
            ),
            ("417 http1.unknown_expectation", F.request() + [("expect", "miracles")]),
            ("405 http1.connect_refused", [(":method", "CONNECT"), (":authority", "a:443")]),
            (
                "501 http2.unknown_protocol",
                [
                    (":method", "CONNECT"), (":scheme", "https"), (":authority", "a"), (":path", "/"),
                    (":protocol", "x"),
                ]
            ),
        ]
        for (event, fields) in cases {
            for isAnswered in [true, false] {
                let bytes = F.headers(1, fields, end: false) + F.headers(3, F.request("/n"))
                let (seen, difference) = outcome(bytes, settings) { end in
                    end.answer("")
                    if isAnswered {
                        end.handler.onRefusal = { [unowned end] stream, error in
                            end.respond(stream, "", status: error.status)
                        }
                    }
                }
                #expect(difference == nil)
                #expect(seen.events.first == "refused 1 \(event)")
                #expect(
                    seen.frames
                        == (isAnswered
                            ? ["HEADERS 1 END", "RST_STREAM 1 NO_ERROR", "HEADERS 3 END"]
                            : ["RST_STREAM 1 ENHANCE_YOUR_CALM", "HEADERS 3 END"]),
                    "\(seen)")
            }
        }
    }

    @Test("Frames that were on their way when we reset a stream are ignored")
    func lateFrames() {
        let end = HTTP2End()
        end.receive(F.opening() + Self.open + F.data(1, "ab"))
        if let stream = end.handler.streams[1] { end.session.reset(stream, .cancel) }
        end.receive(F.data(1, "cd") + F.windowUpdate(1, 5) + F.headers(1, [("a", "b")]) + F.reset(1))
        end.receive(F.ping())
        #expect(end.handler.takeFrames().map(\.description).suffix(2) == ["RST_STREAM 1 CANCEL", "PING ACK"])
        #expect(!end.handler.events.contains { $0.hasPrefix("failed") || $0.hasPrefix("reset") })
    }

    @Test("However many streams we reset in one round trip, what was on its way on them is ignored")
    func lateFramesOfMany() {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 400
        let end = HTTP2End(.server, settings)
        let numbers = (0..<400).map { UInt32($0 * 2 + 1) }
        end.receive(F.opening())
        for id in numbers {
            end.receive(F.headers(id, F.request(method: "POST"), end: false))
            if let stream = end.handler.streams[id] { end.session.reset(stream, .cancel) }
        }
        for id in numbers { end.receive(F.data(id, "x") + F.headers(id, [("a", "b")])) }
        end.receive(F.ping())
        #expect(end.session.failure == nil)
        #expect(end.handler.takeFrames().map(\.description).last == "PING ACK")
        // A number that was never used is still a mistake, above those that were reset.
        end.receive(F.headers(901, F.request()) + F.headers(899, F.request()))
        #expect(end.session.failure?.code == .protocolError)
    }

    @Test("PRIORITY, WINDOW_UPDATE and RST_STREAM on a closed stream, and unknown frames, change nothing")
    func harmless() {
        let (seen, difference) = outcome(
            F.frame(2, stream: 9, [0, 0, 0, 3, 200]) + F.headers(1, F.request())
                + F.frame(2, stream: 1, [0, 0, 0, 3, 1])
                + F.windowUpdate(1, 10) + F.reset(1) + F.frame(0x77, flags: 0xFF, stream: 5, [1, 2])
                + F.frame(0x10, [0, 0, 0, 1]) + F.settings([(0x99, 7)]) + F.headers(3, F.request("/3"))
        ) { $0.answer("") }
        #expect(difference == nil)
        #expect(seen.frames == ["HEADERS 1 END", "HEADERS 3 END"])
    }

    @Test(
        "A malformed response is no response",
        arguments: [
            Case("8.3.2 no status", "", F.headers(1, [("a", "b")])),
            Case("8.3.2 a status of two digits", "", F.headers(1, [(":status", "20")])),
            Case("8.3.2 a status that is no number", "", F.headers(1, [(":status", "2x0")])),
            Case("8.3.2 two", "", F.headers(1, [(":status", "200"), (":status", "200")])),
            Case("8.3 a request's field", "", F.headers(1, [(":status", "200"), (":path", "/")])),
            Case("8.6 101", "", F.headers(1, [(":status", "101")], end: false)),
            Case("8.1 an informational response that ends", "", F.headers(1, [(":status", "103")])),
            Case("8.2.2 connection", "", F.headers(1, [(":status", "200"), ("connection", "close")])),
            Case(
                "8.1.1 length", "",
                F.headers(1, [(":status", "200"), ("content-length", "2")], end: false)
                    + F.data(1, "x", end: true)),
            Case(
                "8.1.1 a body for 204", "",
                F.headers(1, [(":status", "204")], end: false) + F.data(1, "x", end: true)),
            Case("8.1 DATA before the head", "", F.data(1, "x")),
        ])
    func badResponses(_ test: Case) {
        let (seen, difference) = outcome(test.bytes, side: .client) { $0.request() }
        #expect(difference == nil)
        #expect(seen.frames.last == "RST_STREAM 1 PROTOCOL_ERROR", "\(seen)")
        #expect(seen.events.last?.hasPrefix("failed 1 PROTOCOL_ERROR") == true, "\(seen)")
    }
}
