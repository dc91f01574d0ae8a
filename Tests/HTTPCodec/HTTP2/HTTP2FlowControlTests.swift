import Filtering
import HTTPCodec
import Primitives
import TestSupport
import Testing

/// Windows both ways, bytes that wait, streams that are paused (RFC 9113, 5.2).
@Suite struct HTTP2FlowControlTests {
    typealias F = HTTP2Frames

    /// Bytes of DATA in frames, by stream.
    private func data(_ frames: [HTTP2RawFrame]) -> [UInt32: Int] {
        frames.filter { $0.kind == 0 }.reduce(into: [:]) { $0[$1.stream, default: 0] += $1.payload.count }
    }

    @Test("DATA stops at the stream's window, waits, and goes on with the next increment")
    func streamWindow() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 100))
        end.receive(F.opening([(4, 30)]) + F.headers(1, F.request()))
        #expect(self.data(end.handler.takeFrames()) == [1: 30])
        #expect(end.handler.streams[1]?.isWriteBlocked == true)
        #expect(end.handler.streams[1]?.unsentBytes == 70)
        end.receive(F.windowUpdate(1, 69))
        #expect(self.data(end.handler.takeFrames()) == [1: 69])
        #expect(!end.handler.events.contains("drained 1"))
        end.receive(F.windowUpdate(1, 5))
        #expect(end.handler.takeFrames().map(\.description) == ["DATA 1 x END"])
        #expect(end.handler.events.suffix(2) == ["drained 1", "finished 1"])
        #expect(end.handler.lent == 0)
    }

    @Test("Smaller windows in SETTINGS go below zero and must be filled up first")
    func negativeWindow() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 50))
        end.receive(F.opening([(4, 40)]) + F.headers(1, F.request()))
        _ = end.handler.takeFrames()
        end.receive(F.settings([(4, 10)]) + F.windowUpdate(1, 30))
        #expect(self.data(end.handler.takeFrames()).isEmpty)
        end.receive(F.windowUpdate(1, 1))
        #expect(self.data(end.handler.takeFrames()) == [1: 1])
        end.receive(F.settings([(4, 1000)]))
        #expect(self.data(end.handler.takeFrames()) == [1: 9])
    }

    @Test("The connection's window is shared; streams take turns by frames")
    func connectionWindow() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 60_000))
        end.receive(F.opening([(4, 1 << 20)]) + F.headers(1, F.request()) + F.headers(3, F.request()))
        #expect(self.data(end.handler.takeFrames()) == [1: 60_000, 3: 5535])
        end.receive(F.headers(5, F.request()))
        #expect(self.data(end.handler.takeFrames()).isEmpty)
        end.receive(F.windowUpdate(0, 3 * 16_384))
        let frames = end.handler.takeFrames().filter { $0.kind == 0 }
        #expect(frames.map(\.stream) == [3, 5, 3])
        #expect(frames.allSatisfy { $0.payload.count == 16_384 })
        end.receive(F.windowUpdate(0, 1 << 20))
        #expect(
            end.handler.takeFrames().filter { $0.flags & 1 != 0 && $0.kind == 0 }.map(\.stream) == [3, 5])
        #expect(end.session.openStreams == 0)
    }

    @Test("A stream that was reset while it waited is out of the queue, and the others go on")
    func resetInQueue() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 70_000))
        end.receive(F.opening([(4, 1 << 20)]) + [1, 3, 5].flatMap { F.headers($0, F.request()) })
        _ = end.handler.takeFrames()
        end.receive(F.reset(3))
        end.receive(F.windowUpdate(0, 1 << 20))
        #expect(self.data(end.handler.takeFrames()) == [1: 70_000 - 65_535, 5: 70_000])
        #expect(end.handler.lent == 0)
    }

    @Test("No DATA is added to output that the socket has not taken, and it goes on when it has")
    func outputLimit() {
        var settings = HTTP2Settings()
        settings.outputLimit = 20_000
        let end = HTTP2End(.server, settings)
        end.answer(String(repeating: "x", count: 60_000))
        end.receive(F.opening([(4, 1 << 20)]) + F.windowUpdate(0, 1 << 20) + F.headers(1, F.request()))
        #expect(end.handler.out.count < 20_100)
        var bytes = 0
        while end.session.openStreams > 0 {
            let count = end.handler.out.count
            bytes += self.data(end.handler.takeFrames())[1] ?? 0
            #expect(count > 0 && count < 20_100)
            end.session.finishTurn()
        }
        bytes += self.data(end.handler.takeFrames())[1] ?? 0
        #expect(bytes == 60_000)
    }

    @Test("Trailers wait for the body before them")
    func waitingTrailers() {
        let end = HTTP2End()
        end.handler.onRequest = { [unowned end] stream, _, _ in
            let block = HeaderBlock()
            block.status = 200
            end.session.sendResponse(
                stream, block, framing: .chunked, options: ResponseHeadOptions(), endOfStream: false)
            end.session.sendBody(stream, ByteView("0123456789"), endOfStream: false)
            block.reset()
            block.add(ByteView("X-Sum"), ByteView("7"))
            end.session.sendTrailers(stream, block)
            block.reset()
        }
        end.receive(F.opening([(4, 4)]) + F.headers(1, F.request()))
        #expect(end.handler.takeFrames().map(\.description).suffix(2) == ["HEADERS 1", "DATA 1 0123"])
        end.receive(F.windowUpdate(1, 6))
        #expect(end.handler.takeFrames().map(\.description) == ["DATA 1 456789", "HEADERS 1 END"])
        #expect(end.handler.lent == 0)
    }

    @Test("More than the window on a stream, or on the connection, is the peer's fault")
    func exceeded() {
        var settings = HTTP2Settings()
        settings.streamWindow = 1024
        let open = F.settings(ack: true) + F.headers(1, F.request(), end: false)
        let tooMuch = open + F.data(1, String(repeating: "x", count: 1025))
        let (stream, difference) = outcome(tooMuch, settings) { _ in }
        #expect(difference == nil)
        #expect(stream.frames == ["RST_STREAM 1 FLOW_CONTROL_ERROR"])
        settings.streamWindow = 1 << 20
        settings.connectionWindow = 65_535
        let end = HTTP2End(.server, settings)
        end.handler.onRequest = { [unowned end] stream, _, _ in end.session.pause(stream) }
        end.receive(F.opening() + open)
        for _ in 0..<4 { end.receive(F.frame(0, stream: 1, [UInt8](repeating: 1, count: 16_384))) }
        #expect(end.session.failure?.code == .flowControlError)
    }

    @Test("Until our SETTINGS are acknowledged the peer may use the window that it knows")
    func windowBeforeAcknowledgement() {
        var settings = HTTP2Settings()
        settings.streamWindow = 1024
        let end = HTTP2End(.server, settings)
        end.receive(F.opening() + F.headers(1, F.request(), end: false))
        end.receive(F.frame(0, stream: 1, [UInt8](repeating: 1, count: 10_000)))
        #expect(end.handler.streams[1] != nil)
        end.receive(F.settings(ack: true) + F.headers(3, F.request(), end: false))
        end.receive(F.frame(0, stream: 3, [UInt8](repeating: 1, count: 1025)))
        #expect(end.handler.streams[3] == nil)
    }

    @Test("A window is opened again as bytes are taken, padding included, for stream and connection")
    func credit() {
        var settings = HTTP2Settings()
        settings.streamWindow = 20_000
        settings.connectionWindow = 65_535
        let end = HTTP2End(.server, settings)
        end.receive(F.opening() + F.headers(1, F.request(), end: false))
        _ = end.handler.takeFrames()
        end.receive(F.frame(0, stream: 1, [UInt8](repeating: 1, count: 9999)))
        #expect(end.handler.takeFrames().isEmpty)
        end.receive(F.frame(0, flags: 8, stream: 1, [100] + [UInt8](repeating: 0, count: 101)))
        #expect(end.handler.takeFrames().map(\.description) == ["WINDOW_UPDATE 1 10101"])
        for _ in 0..<3 { end.receive(F.frame(0, stream: 1, [UInt8](repeating: 1, count: 9000))) }
        let updates = end.handler.takeFrames().map(\.description)
        #expect(updates.contains("WINDOW_UPDATE 0 37101"), "\(updates)")
    }

    @Test("DATA for a stream that was reset does not use up the connection's window")
    func creditOfReset() {
        var settings = HTTP2Settings()
        settings.connectionWindow = 65_535
        let end = HTTP2End(.server, settings)
        end.receive(F.opening() + F.headers(1, F.request(), end: false))
        if let stream = end.handler.streams[1] { end.session.reset(stream, .cancel) }
        for _ in 0..<40 { end.receive(F.frame(0, stream: 1, [UInt8](repeating: 1, count: 16_384))) }
        #expect(end.session.failure == nil)
    }

    @Test("A paused stream keeps what comes, gives no window, and hands it on in order when resumed")
    func pausing() {
        let end = HTTP2End()
        end.handler.onRequest = { [unowned end] stream, _, _ in end.session.pause(stream) }
        end.receive(F.opening() + F.headers(1, F.request(), end: false))
        _ = end.handler.takeFrames()
        for text in ["a", "b"] { end.receive(F.data(1, String(repeating: text, count: 16_000))) }
        end.receive(F.data(1, "last") + F.headers(1, [("x", "y")]))
        #expect(end.handler.events.count == 1)
        #expect(end.handler.takeFrames().isEmpty)
        #expect(end.handler.lent == 1)
        guard let stream = end.handler.streams[1] else { return }
        #expect(!stream.isInputEnded)
        var seen = 0
        end.handler.onBody = { [unowned end] stream, bytes in
            seen += bytes.count
            if seen < 20_000 { end.session.pause(stream) }
        }
        end.session.resume(stream)
        #expect(end.handler.turnsWanted > 0)
        end.session.finishTurn()
        #expect(seen == 16_384)
        end.session.resume(stream)
        end.session.finishTurn()
        #expect(seen == 32_004)
        #expect(end.handler.events.suffix(1) == ["trailers 1 x=y"])
        #expect(stream.isInputEnded)
        #expect(end.handler.lent == 0)
    }

    /// The connection's window as the peer may add it up.
    private func opened(_ frames: [HTTP2RawFrame]) -> Int {
        frames.filter { $0.kind == 8 && $0.stream == 0 }.map { Int($0.integer(at: 0)) }.reduce(0, +)
    }

    @Test(
        "What paused streams keep takes up a client's connection, but not that to a service",
        arguments: [HTTP2Side.server, .client])
    func keptBytes(side: HTTP2Side) throws {
        var settings = HTTP2Settings()
        settings.streamWindow = 65_535
        settings.connectionWindow = 65_535
        let end = HTTP2End(side, settings)
        end.handler.onRequest = { [unowned end] stream, _, _ in end.session.pause(stream) }
        end.handler.onResponse = { [unowned end] stream, _ in end.session.pause(stream) }
        end.receive(F.opening(client: side == .server))
        for number in [UInt32(1), 3, 5] {
            if side == .client { end.request() }
            end.receive(
                F.headers(number, side == .client ? [(":status", "200")] : F.request(), end: false))
        }
        _ = end.handler.takeFrames()
        // Half a window on each stream: more than the connection's in all.
        let half = F.frame(0, stream: 1, [UInt8](repeating: 1, count: 16_384))
        end.receive(half + half)
        let kept = self.opened(end.handler.takeFrames())
        #expect(kept == (side == .client ? 32_768 : 0))
        var all = kept
        for number in [UInt32(3), 5] {
            if side == .server { break }
            end.receive(F.frame(0, stream: number, [UInt8](repeating: 1, count: 16_384)))
            end.receive(F.frame(0, stream: number, [UInt8](repeating: 1, count: 16_384)))
            all += self.opened(end.handler.takeFrames())
        }
        #expect(end.session.failure == nil)
        #expect(all == (side == .client ? 3 * 32_768 : 0))
        // Whatever becomes of them, they are told once; streams get their window with what is handed on.
        let streams = try [UInt32(1), 3, 5].map { try #require(end.handler.streams[$0]) }
        end.session.resume(streams[0])
        end.session.finishTurn()
        let frames = end.handler.takeFrames()
        #expect(self.opened(frames) == (side == .client ? 0 : 32_768))
        #expect(frames.filter { $0.kind == 8 && $0.stream == 1 }.count == 1)
        end.session.reset(streams[1], .cancel)
        end.receive(F.reset(5))
        end.session.finishTurn()
        #expect(self.opened(end.handler.takeFrames()) == 0)
        #expect(end.handler.lent == 0)
    }

    @Test("A client's stream lasts until a paused response was taken, even when the server resets it then")
    func pausedResponse() {
        let client = HTTP2End(.client)
        client.handler.onResponse = { [unowned client] stream, _ in client.session.pause(stream) }
        let stream = client.request(body: nil)
        let bytes =
            F.opening(client: false) + F.headers(1, [(":status", "200")], end: false)
            + F.data(1, "abc", end: true) + F.reset(1, 0)
        client.receive(bytes)
        #expect(client.session.openStreams == 1)
        if let stream { client.session.resume(stream) }
        client.session.finishTurn()
        #expect(client.handler.events == ["response 1 200", "body 1 abc", "end 1", "finished 1"])
    }

    @Test("A complete response stands when the server wants no more of the request")
    func requestCutShort() {
        let client = HTTP2End(.client)
        let block = HeaderBlock()
        block.setMethod(block.copy(ByteView("POST")))
        block.setScheme(block.copy(ByteView("https")))
        block.setAuthority(block.copy(ByteView("a")))
        block.setPath(block.copy(ByteView("/")))
        let stream = client.session.sendRequest(
            block, framing: .chunked, options: RequestHeadOptions(), endOfStream: false)
        client.receive(F.opening(client: false) + F.headers(1, [(":status", "413")]) + F.reset(1, 0))
        #expect(client.handler.events == ["response 1 413 END", "reset 1 NO_ERROR"])
        if let stream { client.session.sendBody(stream, ByteView("more"), endOfStream: true) }
        #expect(client.session.openStreams == 0)
    }

    @Test("A megabyte each way arrives, through windows of any size", arguments: [1024, 65_535, 1 << 20])
    func bulk(window: Int) {
        var settings = HTTP2Settings()
        settings.streamWindow = window
        let server = HTTP2End(.server, settings)
        let client = HTTP2End(.client, settings)
        var received = 0
        server.handler.onBody = { _, bytes in received += bytes.count }
        let body = String(repeating: "0123456789abcdef", count: 65_536)
        server.answer(body)
        var answered = 0
        client.handler.onBody = { _, bytes in answered += bytes.count }
        client.request("POST", body: body)
        exchange(client, server)
        #expect(received == 1 << 20)
        #expect(answered == 1 << 20)
        #expect(client.handler.lent == 0 && server.handler.lent == 0)
        #expect(client.session.openStreams == 0 && server.session.openStreams == 0)
    }
}
