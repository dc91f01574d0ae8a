import Filtering
import HTTPCodec
import Primitives
import TestSupport
import Testing

/// Attacks that cost the peer little and us much (RFC 9113, 10.5): each must end the connection, soon, and
/// with little memory in use until then.
@Suite struct HTTP2FloodTests {
    typealias F = HTTP2Frames

    struct Attack: CustomTestStringConvertible, Sendable {
        let name: String
        /// The most frames that may be taken.
        let limit: Int
        /// What the peer sends again and again; the number grows.
        let frames: @Sendable (UInt32) -> [UInt8]
        var testDescription: String { self.name }

        init(_ name: String, limit: Int, _ frames: @escaping @Sendable (UInt32) -> [UInt8]) {
            self.name = name
            self.limit = limit
            self.frames = frames
        }
    }

    static let attacks: [Attack] = [
        Attack("rapid reset", limit: 201) { F.headers($0 * 2 + 3, F.request()) + F.reset($0 * 2 + 3) },
        Attack("streams made to be reset by a bad window", limit: 201) {
            F.headers($0 * 2 + 3, F.request()) + F.windowUpdate($0 * 2 + 3, 0)
        },
        Attack("malformed heads", limit: 201) { F.headers($0 * 2 + 3, [("a", "b")]) },
        Attack("heads past a limit", limit: 201) {
            F.headers($0 * 2 + 3, F.request() + (0..<200).map { ("\($0)", "") })
        },
        Attack("PING", limit: 1001) { _ in F.ping() },
        Attack("SETTINGS", limit: 1001) { _ in F.settings() },
        Attack("SETTINGS acknowledgements", limit: 1001) { _ in F.settings(ack: true) },
        Attack("PRIORITY", limit: 1001) { F.frame(2, stream: $0 + 3, [0, 0, 0, 0, 1]) },
        Attack("WINDOW_UPDATE of the connection", limit: 1001) { _ in F.windowUpdate(0, 1) },
        Attack("WINDOW_UPDATE of a stream", limit: 1001) { _ in F.windowUpdate(1, 1) },
        Attack("empty DATA", limit: 1001) { _ in F.data(1, "") },
        Attack("padding only", limit: 1001) { _ in F.frame(0, flags: 8, stream: 1, [0]) },
        Attack("RST_STREAM of closed streams", limit: 1101) {
            $0 == 0 ? F.headers(3, F.request()) + F.reset(3) : F.reset(3)
        },
        Attack("heads of a stream that was reset", limit: 1002) { _ in F.headers(3, [("a", "b")]) },
        Attack("GOAWAY", limit: 1001) { _ in F.goAway(0) },
        Attack("unknown frames", limit: 1001) { _ in F.frame(0x42) },
    ]

    @Test("A flood is ended with ENHANCE_YOUR_CALM, and makes us keep nothing", arguments: attacks)
    func flood(_ attack: Attack) {
        let end = HTTP2End()
        // One stream is open, as an attacker can have it.
        end.receive(F.opening() + F.headers(1, F.request(method: "POST"), end: false))
        var taken = 0
        while end.session.failure == nil, taken < attack.limit * 2 {
            end.receive(attack.frames(UInt32(taken)))
            taken += 1
            #expect(end.session.openStreams <= 2)
            end.handler.out.reset()
        }
        #expect(end.session.failure?.code == .enhanceYourCalm)
        // An empty frame of the budget may go to the frames before.
        #expect(taken <= attack.limit && taken > 100, "\(taken)")
        #expect(end.handler.lent == 0 && end.handler.mostLent == 0)
        #expect(end.session.openStreams == 0)
    }

    @Test("What a flood costs is forgiven as time passes, and by streams that end as they should")
    func forgiveness() {
        let end = HTTP2End()
        end.answer("")
        end.receive(F.opening())
        for number in 0..<UInt32(5000) {
            end.now = end.now.advanced(byNanoseconds: 50_000_000)
            end.receive(
                F.ping() + F.headers(number * 2 + 1, F.request(), end: false) + F.reset(number * 2 + 1))
            end.handler.out.reset()
        }
        #expect(end.session.failure == nil)
        for number in 5000..<UInt32(10_000) {
            let ids = [number * 4 + 1, number * 4 + 3]
            end.receive(
                F.headers(ids[0], F.request()) + F.headers(ids[1], F.request(), end: false) + F.reset(ids[1]))
            end.receive(F.ping())
            end.handler.out.reset()
        }
        #expect(end.session.failure == nil)
    }

    @Test("Resets after the response has begun are no attack: that is how streams are cancelled")
    func cancelledStreams() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 100))
        end.receive(F.opening([(4, 10)]))
        for number in 0..<UInt32(2000) {
            end.receive(F.headers(number * 2 + 1, F.request()) + F.reset(number * 2 + 1))
            end.receive(F.windowUpdate(0, 10))
            end.handler.out.reset()
        }
        #expect(end.session.failure == nil)
        #expect(end.handler.lent == 0)
    }

    @Test("A peer that reads nothing cannot make us keep more than the limit of replies")
    func unreadReplies() {
        var settings = HTTP2Settings()
        settings.flood.control = 1_000_000
        settings.outputLimit = 16_384
        settings.flood.unsentBytes = 4096
        let end = HTTP2End(.server, settings)
        end.receive(F.opening())
        for _ in 0..<10_000 where end.session.failure == nil { end.receive(F.ping()) }
        #expect(end.session.failure?.details.description == "http2.replies_not_read")
        #expect(end.handler.out.count < 16_384 + 4096 + 100)
    }

    @Test("A peer that asks and asks, and reads nothing, is not listened to until it has read")
    func unreadAnswers() {
        var settings = HTTP2Settings()
        settings.outputLimit = 16_384
        settings.flood.unsentBytes = 4096
        let end = HTTP2End(.server, settings)
        end.answer("", status: 204)
        end.receive(F.opening())
        let requests = (0..<UInt32(10_000)).flatMap { F.headers($0 * 2 + 1, F.request()) }
        var (taken, answered, turns) = (0, 0, 0)
        while taken < requests.count, end.session.failure == nil, turns < 10_000 {
            turns += 1
            taken += requests.withByteView { end.session.receive($0.dropFirst(taken), now: end.now) }
            #expect(end.handler.out.count < 16_384 + 4096 + 100)
            // Nothing more is taken before some of it is read.
            if end.session.holdsInput {
                #expect(requests.withByteView { end.session.receive($0.dropFirst(taken), now: end.now) } == 0)
            }
            answered += end.handler.takeFrames().filter { $0.kind == 1 }.count
            end.session.outputTaken()
            #expect(!end.session.holdsInput)
        }
        #expect(turns > 1)
        #expect(answered == 10_000)
    }

    @Test(
        "A head that has begun is taken to its end however much is unread, and nothing after it",
        arguments: [true, false])
    func unreadAnswersWithinHead(isHeadGood: Bool) throws {
        var settings = HTTP2Settings()
        settings.outputLimit = 16_384
        settings.flood.unsentBytes = 4096
        let end = HTTP2End(.server, settings)
        end.handler.onRequest = { [unowned end] stream, _, _ in
            if stream.id > 1 { end.respond(stream, "") }
        }
        end.receive(F.opening() + F.headers(1, F.request()))
        end.receive(F.headers(3, F.request(), endHeaders: false))
        // A service's answer, which no frame of the client's waits for.
        let block = HeaderBlock()
        block.status = 200
        String(repeating: "~", count: 25_000).withByteView { _ = block.add(ByteView("x-long"), $0) }
        let stream = try #require(end.handler.streams[1])
        end.session.sendResponse(
            stream, block, framing: .none, options: ResponseHeadOptions(), endOfStream: true)
        #expect(!end.session.holdsInput)
        guard isHeadGood else {
            end.receive(F.ping())
            #expect(end.session.failure?.details.description == "http2.head_interrupted")
            #expect(!end.session.holdsInput)
            return
        }
        end.receive(F.continuation(3, [], endHeaders: true) + F.headers(5, F.request()))
        #expect(end.handler.events.contains { $0.hasPrefix("request 3") })
        #expect(!end.handler.events.contains { $0.hasPrefix("request 5") })
        _ = end.handler.takeFrames()
        end.receive([])
        #expect(end.handler.events.contains { $0.hasPrefix("request 5") })
    }

    @Test("A head in too many CONTINUATION frames, empty or not, ends the connection")
    func continuations() {
        for fragment in [[], [UInt8](repeating: 0, count: 3)] {
            let end = HTTP2End()
            end.receive(F.opening() + F.headers(1, F.request(), endHeaders: false))
            var taken = 0
            while end.session.failure == nil, taken < 1000 {
                end.receive(
                    F.continuation(1, fragment.isEmpty ? [] : F.block([("a", "b")]), endHeaders: false))
                taken += 1
            }
            #expect(end.session.failure?.code == .enhanceYourCalm)
            #expect(taken == 65)
        }
    }

    @Test("A head that is far too large is not decoded to its end")
    func endlessHead() {
        let end = HTTP2End()
        end.receive(F.opening() + F.headers(1, F.request(), endHeaders: false))
        let fragment = F.block([("a", String(repeating: "x", count: 16_000))])
        var taken = 0
        while end.session.failure == nil, taken < 1000 {
            end.receive(F.continuation(1, fragment, endHeaders: false))
            taken += 1
        }
        #expect(end.session.failure?.code == .enhanceYourCalm)
        #expect(taken < 12)
        // Of all that only the limit was kept.
        #expect((end.handler.blocks[1]?.arena.capacity ?? 0) <= 256 << 10)
    }

    @Test("A header-list bomb of indexes is bounded by its decoded size")
    func bomb() {
        let end = HTTP2End()
        end.answer("")
        // One field of 4,000 bytes in the table, then 16,000 references to it: 64 MB of fields.
        let value = String(repeating: "x", count: 3900)
        let plant = F.block(F.request()) + [0x40] + F.string("x-bomb") + F.string(value)
        end.receive(F.opening() + F.frame(1, flags: 5, stream: 1, plant))
        end.receive(
            F.frame(1, flags: 5, stream: 3, F.block(F.request()) + [UInt8](repeating: 0xBE, count: 16_000)))
        #expect(end.handler.events.contains("refused 3 431 http2.head_too_large"))
        #expect((end.handler.blocks[3]?.arena.capacity ?? 0) <= 256 << 10)
        #expect(end.session.failure == nil)
        end.receive(F.headers(5, F.request()))
        #expect(end.handler.events.last == "finished 5")
    }

    @Test("Streams beyond the limit are refused, and cost what a reset costs")
    func tooManyStreams() {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 3
        settings.flood.resets = 5
        let end = HTTP2End(.server, settings)
        end.receive(F.opening())
        for number in 0..<UInt32(8) { end.receive(F.headers(number * 2 + 1, F.request())) }
        #expect(end.session.openStreams == 3)
        #expect(
            end.handler.takeFrames().map(\.description).suffix(5)
                == (3..<8).map { "RST_STREAM \($0 * 2 + 1) REFUSED_STREAM" })
        end.receive(F.headers(17, F.request()))
        #expect(end.session.failure?.code == .enhanceYourCalm)
    }

    @Test("A thousand settings in one frame change open streams once")
    func settingsBomb() {
        let end = HTTP2End()
        end.answer(String(repeating: "x", count: 50))
        end.receive(F.opening([(4, 0)]) + F.headers(1, F.request()))
        _ = end.handler.takeFrames()
        end.receive(F.settings((0..<2700).map { (UInt16(4), UInt32($0 % 2) << 30) } + [(4, 20)]))
        #expect(
            end.handler.takeFrames().map(\.description) == ["SETTINGS ACK", "DATA 1 xxxxxxxxxxxxxxxxxxxx"])
    }

    @Test("Informational responses without end are a flood, too")
    func informational() {
        let client = HTTP2End(.client)
        client.request()
        client.receive(F.opening(client: false))
        var taken = 0
        while client.session.failure == nil, taken < 3000 {
            client.receive(F.headers(1, [(":status", "103")], end: false))
            taken += 1
        }
        #expect(client.session.failure?.code == .enhanceYourCalm)
        #expect(taken <= 1001)
    }
}
