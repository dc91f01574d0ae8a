import HTTPCodec
import TestSupport
import Testing

/// What must end a connection, with the code that RFC 9113 wants, however the bytes are cut.
@Suite struct HTTP2ConnectionErrorTests {
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

    typealias F = HTTP2Frames
    static let get = F.headers(1, F.request())
    static let open = F.headers(1, F.request(), end: false)

    static let cases: [Case] = [
        Case("4.2 a frame over the limit", "FRAME_SIZE_ERROR", F.frame(0, stream: 1, [], length: 16_385)),
        Case("4.2 a head over the limit", "FRAME_SIZE_ERROR", F.frame(1, stream: 1, [], length: 20_000)),
        Case(
            "4.3 no HPACK", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])),
        Case("5.1 DATA on an idle stream", "PROTOCOL_ERROR", F.data(1, "x")),
        Case("5.1 RST_STREAM on an idle stream", "PROTOCOL_ERROR", F.reset(1)),
        Case("5.1 WINDOW_UPDATE on an idle stream", "PROTOCOL_ERROR", F.windowUpdate(1, 5)),
        Case("5.1 CONTINUATION on an idle stream", "PROTOCOL_ERROR", F.continuation(1, [], endHeaders: true)),
        Case("5.1 HEADERS on a closed stream", "STREAM_CLOSED", get + get),
        Case("5.1 DATA on a closed stream", "STREAM_CLOSED", get + F.data(1, "x")),
        Case("5.1 HEADERS after RST_STREAM", "STREAM_CLOSED", open + F.reset(1) + get),
        Case("5.1 DATA after RST_STREAM", "STREAM_CLOSED", open + F.reset(1) + F.data(1, "x")),
        Case("5.1.1 an even number", "PROTOCOL_ERROR", F.headers(2, F.request())),
        Case(
            "5.1.1 a smaller number", "PROTOCOL_ERROR",
            F.headers(5, F.request()) + F.headers(3, F.request())),
        Case("6.1 DATA without a stream", "PROTOCOL_ERROR", F.data(0, "x")),
        Case(
            "6.1 padding longer than DATA", "PROTOCOL_ERROR",
            open + F.frame(0, flags: 8, stream: 1, [5, 1, 2])),
        Case("6.1 padded DATA without a byte", "FRAME_SIZE_ERROR", open + F.frame(0, flags: 8, stream: 1)),
        Case("6.2 HEADERS without a stream", "PROTOCOL_ERROR", F.headers(0, F.request())),
        Case(
            "6.2 padding longer than HEADERS", "PROTOCOL_ERROR", F.frame(1, flags: 13, stream: 1, [9, 0x82])),
        Case("6.2 padded HEADERS without a byte", "FRAME_SIZE_ERROR", F.frame(1, flags: 13, stream: 1)),
        Case("6.2 a priority cut short", "FRAME_SIZE_ERROR", F.frame(1, flags: 0x25, stream: 1, [0, 0, 0])),
        Case("6.3 PRIORITY without a stream", "PROTOCOL_ERROR", F.frame(2, stream: 0, [0, 0, 0, 0, 1])),
        Case("6.4 RST_STREAM without a stream", "PROTOCOL_ERROR", F.reset(0)),
        Case("6.4 RST_STREAM of 3 bytes", "FRAME_SIZE_ERROR", open + F.frame(3, stream: 1, [0, 0, 0])),
        Case("6.5 SETTINGS on a stream", "PROTOCOL_ERROR", F.frame(4, stream: 1)),
        Case(
            "6.5 an acknowledgement with payload", "FRAME_SIZE_ERROR",
            F.frame(4, flags: 1, [0, 0, 0, 0, 0, 0])),
        Case("6.5 SETTINGS of 5 bytes", "FRAME_SIZE_ERROR", F.frame(4, [0, 0, 0, 0, 0])),
        Case("6.5.2 ENABLE_PUSH of 2", "PROTOCOL_ERROR", F.settings([(2, 2)])),
        Case("6.5.2 a window of 2^31", "FLOW_CONTROL_ERROR", F.settings([(4, 1 << 31)])),
        Case("6.5.2 frames of 16,383 bytes", "PROTOCOL_ERROR", F.settings([(5, 16_383)])),
        Case("6.5.2 frames of 2^24 bytes", "PROTOCOL_ERROR", F.settings([(5, 1 << 24)])),
        Case("RFC 8441, 3: ENABLE_CONNECT_PROTOCOL of 2", "PROTOCOL_ERROR", F.settings([(8, 2)])),
        Case(
            "RFC 8441, 3: ENABLE_CONNECT_PROTOCOL taken back", "PROTOCOL_ERROR",
            F.settings([(8, 1)]) + F.settings([(8, 0)])),
        Case(
            "6.6 PUSH_PROMISE from a client", "PROTOCOL_ERROR",
            open + F.frame(5, flags: 4, stream: 1, [0, 0, 0, 2])),
        Case("6.7 PING on a stream", "PROTOCOL_ERROR", F.frame(6, stream: 1, [0, 0, 0, 0, 0, 0, 0, 0])),
        Case("6.7 PING of 6 bytes", "FRAME_SIZE_ERROR", F.frame(6, [0, 0, 0, 0, 0, 0])),
        Case("6.8 GOAWAY on a stream", "PROTOCOL_ERROR", F.frame(7, stream: 1, [0, 0, 0, 0, 0, 0, 0, 0])),
        Case("6.8 GOAWAY of 7 bytes", "FRAME_SIZE_ERROR", F.frame(7, [0, 0, 0, 0, 0, 0, 0])),
        Case("6.9 WINDOW_UPDATE of 3 bytes", "FRAME_SIZE_ERROR", F.frame(8, [0, 0, 0])),
        Case("6.9 an increment of 0", "PROTOCOL_ERROR", F.windowUpdate(0, 0)),
        Case("6.9.1 the connection's window past 2^31-1", "FLOW_CONTROL_ERROR", F.windowUpdate(0, .max >> 1)),
        Case(
            "6.9.2 a stream's window past 2^31-1", "FLOW_CONTROL_ERROR",
            open + F.windowUpdate(1, (1 << 31) - 65_536) + F.settings([(4, 65_537)])),
        Case(
            "6.10 CONTINUATION after a complete head", "PROTOCOL_ERROR",
            get + F.continuation(1, [], endHeaders: true)),
        Case(
            "6.10 CONTINUATION of another stream", "PROTOCOL_ERROR",
            F.headers(1, F.request(), endHeaders: false) + F.continuation(3, [], endHeaders: true)),
        Case(
            "6.10 DATA within a head", "PROTOCOL_ERROR",
            F.headers(1, F.request(), endHeaders: false) + F.data(1, "x")),
        Case(
            "6.10 an unknown frame within a head", "PROTOCOL_ERROR",
            F.headers(1, F.request(), endHeaders: false) + F.frame(0x77)),
        Case(
            "6.10 a head within a head", "PROTOCOL_ERROR",
            F.headers(1, F.request(), endHeaders: false) + get),
        Case(
            "RFC 7541, 2.3.3: an index beyond the tables", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, F.prefixed(70, bits: 7, first: 0x80))),
        Case("RFC 7541, 6.1: index 0", "COMPRESSION_ERROR", F.frame(1, flags: 5, stream: 1, [0x80])),
        Case(
            "RFC 7541, 4.2: a table size past the limit", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, F.prefixed(4097, bits: 5, first: 0x20))),
        Case(
            "RFC 7541, 4.2: a table size behind a field", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0x82, 0x20])),
        Case(
            "RFC 7541, 5.2: padding of more than 7 bits", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x81, 0xFF])),
        Case(
            "RFC 7541, 5.2: padding that is no EOS", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0x00, 0x81, 0x18, 0x00])),
        Case(
            "RFC 7541, 5.2: EOS within a string", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0x00, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00])),
        Case(
            "RFC 7541, 5.2: a string cut short", "COMPRESSION_ERROR",
            F.frame(1, flags: 5, stream: 1, [0x00, 0x05, 0x61])),
    ]

    @Test("The peer's fault ends the connection with the code of its rule", arguments: cases)
    func connectionError(_ test: Case) {
        let (seen, difference) = outcome(test.bytes)
        #expect(difference == nil)
        #expect(seen.frames.last?.hasPrefix("GOAWAY") == true, "\(seen)")
        #expect(seen.frames.last?.hasSuffix(test.code) == true, "\(seen)")
        #expect(seen.events.last?.hasPrefix("failure \(test.code)") == true, "\(seen)")
    }

    @Test("What is no preface ends the connection at its first wrong byte")
    func preface() {
        for bytes in ["GET / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "X"] {
            let (seen, difference) = outcome([], opening: Array(bytes.utf8))
            #expect(difference == nil)
            #expect(seen.frames == ["GOAWAY 0 PROTOCOL_ERROR"])
        }
        let end = HTTP2End()
        end.receive(Array("PRJ".utf8))
        #expect(end.session.failure?.code == .protocolError)
    }

    @Test(
        "The first frame must be SETTINGS, and no acknowledgement",
        arguments: [F.ping(), F.settings(ack: true), get])
    func settingsFirst(_ frame: [UInt8]) {
        let (seen, difference) = outcome(frame, opening: F.preface)
        #expect(difference == nil)
        #expect(seen.frames == ["GOAWAY 0 PROTOCOL_ERROR"])
    }

    @Test(
        "A server's faults end a client's connection",
        arguments: [
            Case(
                "6.6 PUSH_PROMISE though push is off", "PROTOCOL_ERROR",
                F.frame(5, flags: 4, stream: 1, [0, 0, 0, 2])),
            Case("6.5.2 a server that says it may push", "PROTOCOL_ERROR", F.settings([(2, 1)])),
            Case("5.1 a response without a request", "PROTOCOL_ERROR", F.headers(3, [(":status", "200")])),
            Case("5.1.1 a stream of the server's", "PROTOCOL_ERROR", F.headers(2, [(":status", "200")])),
            Case("5.1 DATA on an idle stream", "PROTOCOL_ERROR", F.data(3, "x")),
            Case("5.1 DATA on an idle stream of the server's", "PROTOCOL_ERROR", F.data(2, "x")),
            Case(
                "5.1 a second response", "STREAM_CLOSED",
                F.headers(1, [(":status", "200")]) + F.headers(1, [(":status", "200")])),
        ])
    func clientSide(_ test: Case) {
        let (seen, difference) = outcome(test.bytes, side: .client) { $0.request() }
        #expect(difference == nil)
        #expect(seen.frames.last?.hasSuffix(test.code) == true, "\(seen)")
        #expect(seen.events.last?.hasPrefix("failure \(test.code)") == true, "\(seen)")
    }

    @Test("After a failure every stream has had its last word, and bytes are dropped")
    func afterFailure() {
        let end = HTTP2End()
        end.receive(
            F.opening() + F.headers(1, F.request(), end: false) + F.headers(3, F.request(), end: false))
        let stream = end.handler.streams[1]
        end.receive(F.ping() + F.windowUpdate(0, 0) + F.headers(5, F.request()))
        #expect(
            Set(end.handler.events.suffix(3)) == [
                "lost 1 PROTOCOL_ERROR", "lost 3 PROTOCOL_ERROR",
                "failure PROTOCOL_ERROR http2.empty_window_update",
            ])
        #expect(end.session.openStreams == 0)
        _ = end.handler.takeFrames()
        end.receive(F.ping())
        if let stream { end.respond(stream, "late") }
        #expect(end.handler.takeFrames().isEmpty)
    }
}
