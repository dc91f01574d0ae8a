import Filtering
import HTTPCodec
import Primitives
import TestSupport
import Testing

/// How a connection begins, goes on and ends.
@Suite struct HTTP2ConnectionTests {
    typealias F = HTTP2Frames

    @Test("A server opens with its SETTINGS and its window, a client with the preface before them")
    func opening() {
        let server = HTTP2End()
        #expect(
            server.handler.takeFrames().map(\.description) == ["SETTINGS", "WINDOW_UPDATE 0 983041"])
        let client = HTTP2End(.client)
        #expect(client.handler.out.view.hasPrefix(ByteView("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
        let settings = client.handler.takeFrames()[0]
        // Push is off.
        #expect(
            stride(from: 0, to: settings.payload.count, by: 6).contains { at in
                settings.payload[at + 1] == 2 && settings.integer(at: at + 2) == 0
            })
    }

    @Test("SETTINGS and PING are acknowledged; an answered ping comes back")
    func acknowledgements() {
        let (seen, difference) = outcome(F.ping() + F.ping(ack: true))
        #expect(difference == nil)
        #expect(seen.frames == ["PING ACK"])
        let client = HTTP2End(.client)
        let server = HTTP2End()
        exchange(client, server)
        #expect(client.session.areSettingsAcknowledged && server.session.areSettingsAcknowledged)
        client.session.ping(0x0102_0304_0506_0708)
        exchange(client, server)
        #expect(client.handler.events == ["pong 72623859790382856"])
    }

    @Test("A graceful end: announced, then final; what is open is finished, what comes later ignored")
    func gracefulEnd() {
        let end = HTTP2End()
        end.receive(F.opening() + F.headers(1, F.request(), end: false))
        _ = end.handler.takeFrames()
        end.session.announceShutdown()
        end.receive(F.headers(3, F.request(), end: false))
        end.session.goAway()
        #expect(
            end.handler.takeFrames().map(\.description)
                == ["GOAWAY 2147483647 NO_ERROR", "GOAWAY 3 NO_ERROR"])
        end.receive(F.headers(5, F.request(), end: false) + F.data(5, "x") + F.headers(5, [("a", "b")]))
        #expect(!end.handler.events.contains { $0.contains(" 5 ") })
        #expect(!end.session.isDrained)
        for id in [1, 3] as [UInt32] {
            end.receive(F.data(id, "", end: true))
            if let stream = end.handler.streams[id] { end.respond(stream, "ok") }
        }
        end.session.finishTurn()
        #expect(end.session.isDrained)
        #expect(end.session.failure == nil)
    }

    @Test("A client learns which of its streams a GOAWAY leaves out, and opens no others")
    func goAway() {
        let client = HTTP2End(.client)
        for _ in 0..<3 { client.request() }
        client.receive(F.opening(client: false) + F.goAway(3))
        #expect(client.handler.events == ["goaway 3 NO_ERROR", "unprocessed 5"])
        #expect(!client.session.canOpenStream)
        #expect(client.request() == nil)
        client.receive(F.headers(1, [(":status", "200")]) + F.headers(3, [(":status", "200")]))
        #expect(client.session.isDrained)
    }

    @Test("A refused stream was not looked at; another reset may have been")
    func refused() {
        let client = HTTP2End(.client)
        client.request()
        client.request()
        client.receive(F.opening(client: false) + F.reset(1, 7) + F.reset(3, 8))
        #expect(client.handler.events == ["unprocessed 1", "reset 3 CANCEL"])
    }

    @Test("A client keeps to the server's limit of streams")
    func streamLimit() {
        let client = HTTP2End(.client)
        client.receive(F.opening(client: false, [(3, 2)]))
        #expect(client.request() != nil)
        #expect(client.request() != nil)
        #expect(!client.session.canOpenStream)
        #expect(client.request() == nil)
        client.receive(F.headers(1, [(":status", "204")]))
        #expect(client.request()?.id == 5)
    }

    @Test("The peer's table size is kept to, and announced in the next head (RFC 7541, 4.2)")
    func tableSize() {
        let end = HTTP2End()
        end.answer("")
        end.receive(F.opening([(1, 0)]) + F.headers(1, F.request()))
        let head = end.handler.takeFrames().first { $0.kind == 1 }
        #expect(head?.payload.first == 0x20)
        // Nothing enters a table that has no room.
        end.receive(F.headers(3, F.request()))
        let next = end.handler.takeFrames().first { $0.kind == 1 }
        #expect(next?.payload.count == (head?.payload.count ?? 0) - 1)
    }

    @Test("Ours is in force when it is acknowledged: a head must then say so first")
    func ownTableSize() {
        var settings = HTTP2Settings()
        settings.headerTableSize = 0
        let end = HTTP2End(.server, settings)
        end.answer("")
        end.receive(F.opening() + F.headers(1, F.request()) + F.settings(ack: true))
        end.receive(F.frame(1, flags: 5, stream: 3, [0x20] + F.block(F.request())))
        #expect(end.handler.events.suffix(1) == ["finished 3"])
        let other = HTTP2End(.server, settings)
        other.receive(F.opening() + F.settings(ack: true) + F.headers(1, F.request()))
        #expect(other.session.failure?.code == .compressionError)
    }

    @Test("A stream is used again when nobody holds it, and begins as new")
    func reuse() throws {
        let end = HTTP2End()
        end.answer("")
        end.receive(F.opening() + F.headers(1, F.request()))
        weak var first: HTTP2Stream?
        end.handler.onRequest = { [unowned end] stream, _, _ in
            first = stream
            stream.owner = end.handler
            end.session.pause(stream)
            end.respond(stream, "")
        }
        end.receive(F.headers(3, F.request()))
        end.handler.onRequest = { _, _, _ in }
        end.receive(F.headers(5, F.request(), end: false))
        let second = try #require(end.handler.streams[5])
        #expect(second === first)
        #expect(second.owner == nil && !second.isPaused && !second.isOver && !second.isLocalEnded)
    }

    @Test("Calls for a stream that is over do nothing")
    func afterEnd() throws {
        let end = HTTP2End()
        end.receive(F.opening() + F.headers(1, F.request()))
        let stream = try #require(end.handler.streams[1])
        end.receive(F.reset(1))
        _ = end.handler.takeFrames()
        end.respond(stream, "late")
        end.session.resume(stream)
        end.session.reset(stream, .cancel)
        end.session.sendTrailers(stream, HeaderBlock())
        end.session.finishTurn()
        #expect(end.handler.takeFrames().isEmpty)
        #expect(end.handler.events.last == "reset 1 CANCEL")
    }

    @Test("Thousands of streams, opened and closed out of order, are each found")
    func table() {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 1000
        let end = HTTP2End(.server, settings)
        end.receive(F.opening())
        var open: [UInt32] = []
        var random: UInt64 = 7
        for number in 0..<UInt32(4000) {
            let id = number * 2 + 1
            end.receive(F.headers(id, F.request()))
            open.append(id)
            while open.count > 300 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let chosen = open.remove(at: Int(random >> 33) % open.count)
                guard let stream = end.handler.streams[chosen] else {
                    Issue.record("stream \(chosen) is not known")
                    return
                }
                end.respond(stream, "")
                end.session.finishTurn()
            }
            end.handler.out.reset()
        }
        #expect(end.session.openStreams == 300)
        #expect(end.session.failure == nil)
    }
}
