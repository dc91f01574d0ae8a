internal import Filtering
internal import Foundation
internal import Primitives
internal import Reactor
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    /// Clients of HTTP/2: streams, limits of time, and how a connection ends.
    @Suite struct HTTP2ConnectionTests {
        let backend: RawBackend

        init() throws { self.backend = try RawBackend() }

        private func relay(filters: [String: Hooks] = [:], listener: String = "", service: String = "") throws
            -> WorkerUnderTest
        {
            try WorkerUnderTest(
                WorkerUnderTest.relay(
                    to: self.backend, filters: filters.keys.sorted(), listener: listener, service: service),
                filters: filters)
        }

        /// Every exchange is back.
        private func expectNoneInUse(_ worker: WorkerUnderTest) {
            #expect(eventually { worker.onWorker { $0.spareExchanges.count == $0.exchanges.count } == true })
        }

        /// Answers requests for `/held` when the gate opens.
        private func hold(_ gate: Gate) {
            self.backend.on("/held") { connection, _ in
                try gate.wait()
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld")
                return true
            }
        }

        // MARK: Streams

        @Test("A hundred requests at once are answered on one connection, and their exchanges used again")
        func manyStreams() throws {
            let worker = try self.relay(service: "pool: { maxConnections: 20 }")
            let client = try worker.connectHTTP2()
            for _ in 0..<3 {
                let streams = try (0..<100).map { try client.request("/\($0)") }
                for stream in streams { #expect(try client.finish(stream).text == "backend") }
            }
            #expect(self.backend.takeRequests().count == 300)
            #expect(try #require(worker.onWorker { $0.exchanges.count }) <= 100)
            self.expectNoneInUse(worker)
        }

        @Test("A stream more than is allowed is refused, and the others go on")
        func streamLimit() throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay(listener: "http2: { maxConcurrentStreams: 2 }")
            let client = try worker.connectHTTP2()
            let streams = try (0..<3).map { _ in try client.request("/held") }
            #expect(client.setting(3) == nil || client.setting(3) == 2)
            #expect(try client.finish(streams[2]).reset == "REFUSED_STREAM")
            gate.open()
            for stream in streams[..<2] { #expect(try client.finish(stream).text == "held") }
            #expect(client.setting(3) == 2)
        }

        @Test("A stream that is reset in the middle of its body gives the service up, and harms no other")
        func resetMidBody() throws {
            let came = Gate()
            self.backend.on("/up") { connection, _ in
                _ = try connection.read(5)
                came.open()
                _ = try connection.read(1)
                return false
            }
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            let stream = try client.request("/up", method: "POST", body: "hello", end: false)
            try came.wait()
            try client.send(HTTP2Frames.reset(stream))
            #expect(eventually { self.backend.connections[0].isOver })
            #expect(try client.ask().text == "backend")
            self.expectNoneInUse(worker)
        }

        @Test("What is left of a head whose stream has failed reaches no other request")
        func restOfFailedHead() throws {
            let worker = try self.relay()
            let (attacker, victim) = (try worker.connectHTTP2(), try worker.connectHTTP2())
            try attacker.roundTrip()
            // A stream that depends on itself is an error of the stream, while its head goes on.
            let head = HTTP2Frames.frame(
                1, flags: 0x21, stream: 1,
                HTTP2Frames.integer(1) + [0]
                    + HTTP2Frames.block([(":method", "GET"), (":scheme", "http"), (":path", "/")]))
            try attacker.send(head)
            try attacker.read { attacker[1].reset != nil }
            let stream = try victim.request("/victim", method: "POST", end: false)
            #expect(eventually { worker.onWorker { $0.spareExchanges.count } == 0 })
            try attacker.send(
                HTTP2Frames.continuation(
                    1, HTTP2Frames.block([(":authority", "a"), ("x-evil", "1")]), endHeaders: true))
            try attacker.roundTrip()
            try victim.send(HTTP2Frames.data(stream, "", end: true))
            #expect(try victim.finish(stream).status == 200)
            let request = try #require(self.backend.takeRequests().first)
            #expect(request.target == "/victim")
            #expect(request["x-evil"] == nil)
        }

        @Test("What is left of the trailers of an answered request reaches no other request")
        func restOfTrailers() throws {
            let gate = Gate()
            // Trailers of a body whose length is known go on over HTTP/2 alone.
            let backend = try HTTP2Backend()
            backend.on("/held") { connection, stream in
                try gate.wait()
                try connection.respond(stream, body: "held")
            }
            let worker = try WorkerUnderTest(WorkerUnderTest.relay(to: backend))
            let victim = try worker.connect()
            // Nothing may come between the frames of a head: it opens no window for what it reads.
            let attacker = try worker.connectHTTP2(opensWindows: false)
            try attacker.roundTrip()
            let held = try attacker.request(
                "/held", method: "POST", [("content-length", "0")], end: false)
            #expect(eventually { gate.isWaitedFor })
            try attacker.send(
                HTTP2Frames.headers(held, [("x-mine", "1")], end: true, endHeaders: false))
            gate.open()
            #expect(try attacker.finish(held).text == "held")
            try victim.send("POST /victim HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
            #expect(eventually { worker.onWorker { $0.spareExchanges.count } == 0 })
            try attacker.send(
                HTTP2Frames.continuation(
                    held, HTTP2Frames.block([("x-evil", "1")]), endHeaders: true))
            try attacker.roundTrip()
            try victim.send("abc")
            #expect(try victim.readResponse().status == 200)
            let request = try #require(backend.requests.first { $0.path == "/victim" })
            #expect(request.text == "abc")
            #expect(request.trailers.isEmpty)
            // The table is still in step, and the stream is no more.
            #expect(attacker[held].reset == "NO_ERROR")
            #expect(try attacker.ask("/", [("x-evil", "1")]).status == 200)
            self.expectNoneInUse(worker)
        }

        @Test("A malformed head resets its stream alone")
        func malformedHead() throws {
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            #expect(try client.ask("/", [("Upper", "case")]).reset == "PROTOCOL_ERROR")
            #expect(try client.ask("/", [("connection", "close")]).reset == "PROTOCOL_ERROR")
            #expect(try client.ask().status == 200)
            self.expectNoneInUse(worker)
        }

        @Test("A head past a limit is answered, and its stream reset")
        func headTooLarge() throws {
            let worker = try self.relay(listener: "limits: { head: 4KiB, url: 2KiB }")
            let client = try worker.connectHTTP2()
            let answer = try client.ask("/", [("x-large", String(repeating: "x", count: 5000))])
            #expect(answer.status == 431)
            #expect(try client.ask().status == 200)
        }

        // MARK: Backpressure

        @Test("A client that opens no window stops the service, and gets the rest when it does")
        func slowClient() throws {
            let total = 8 << 20
            self.backend.on("/large") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
                try connection.send([UInt8](repeating: 0x78, count: total))
                return true
            }
            let worker = try self.relay()
            let client = try worker.connectHTTP2(opensWindows: false)
            let stream = try client.request("/large")
            try client.read { client[stream].body.count == 65_535 }
            #expect(eventually { worker.isServicePaused })
            try client.send(
                HTTP2Frames.windowUpdate(0, 1 << 30), HTTP2Frames.windowUpdate(stream, 1 << 30))
            #expect(try client.finish(stream).body.count == total)
            self.expectNoneInUse(worker)
        }

        @Test("A service that does not read stops the client at its window, and other streams go on")
        func slowService() throws {
            let gate = Gate()
            let backend = try RawBackend(receiveBuffer: 64 << 10)
            backend.on("/slow") { connection, head in
                try gate.wait()
                let request = try connection.finish(head)
                let text = "\(request.body.count)"
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
                return true
            }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(
                    to: backend, listener: "http2: { streamWindow: 64KiB, connectionWindow: 64MiB }"))
            let client = try worker.connectHTTP2()
            let total = 16 << 20
            let stream = try client.request(
                "/slow", method: "POST", [("content-length", "\(total)")], end: false)
            let sender = try WindowedSender(client, stream, total: total)
            try sender.send(while: { !gate.isWaitedFor || !sender.isStopped })
            #expect(sender.sent < total)
            #expect(try client.ask().text == "backend")
            gate.open()
            try sender.send(while: { sender.sent < total })
            #expect(try client.finish(stream).text == "\(total)")
        }

        @Test("A filter that pauses a request stops its body at the window")
        func pausedRequest() throws {
            let id = Mutex<(StreamID, Int)?>(nil)
            let hooks = Hooks(requestHead: { stream, slot, _ in
                id.withLock { $0 = (stream.id, slot.index) }
                return .pause
            })
            let worker = try self.relay(filters: ["one": hooks], listener: "http2: { streamWindow: 64KiB }")
            let client = try worker.connectHTTP2()
            let stream = try client.request("/", method: "POST", [("content-length", "100000")], end: false)
            let sender = try WindowedSender(client, stream, total: 100_000)
            try sender.send(while: { !sender.isStopped })
            #expect(sender.sent == 65_536)
            try client.roundTrip()
            #expect(sender.isStopped)
            let (stopped, slot) = try #require(id.withLock { $0 })
            _ = worker.onWorker { worker in worker.stream(stopped)?.resume(.request, by: slot) != nil }
            try sender.send(while: { sender.sent < 100_000 })
            #expect(try client.finish(stream).status == 200)
            #expect(self.backend.takeRequests().first?.body.count == 100_000)
        }

        // MARK: Time

        @Test("An unused connection is told GOAWAY and closed")
        func idleTimeout() throws {
            let worker = try self.relay(listener: "timeouts: { idle: 200ms }")
            let client = try worker.connectHTTP2()
            #expect(try client.ask().status == 200)
            client.readToEnd()
            #expect(client.goAways == ["GOAWAY 1 NO_ERROR"])
        }

        @Test("A head that does not end ends the connection", arguments: [true, false])
        func headTimeout(isTrailers: Bool) throws {
            let worker = try self.relay(listener: "timeouts: { header: 200ms }")
            let client = try worker.connectHTTP2()
            try client.roundTrip()
            if isTrailers {
                let stream = try client.request("/", method: "POST", end: false)
                try client.send(HTTP2Frames.headers(stream, [("x-a", "b")], end: true, endHeaders: false))
            } else {
                try client.send(HTTP2Frames.headers(1, HTTP2Frames.request(), endHeaders: false))
            }
            client.readToEnd()
            #expect(client.goAways == ["GOAWAY 1 ENHANCE_YOUR_CALM"])
            self.expectNoneInUse(worker)
        }

        @Test("A listener may allow more or less that is of no use than others")
        func floodLimits() throws {
            let worker = try self.relay(
                listener: "http2: { floodLimits: { controlFrames: 10, resets: 2, continuations: 1 } }")
            let pings = try worker.connectHTTP2()
            try pings.roundTrip()
            try pings.send((0..<40).flatMap { _ in HTTP2Frames.ping() })
            pings.readToEnd()
            #expect(pings.goAways == ["GOAWAY 0 ENHANCE_YOUR_CALM"])
            let resets = try worker.connectHTTP2()
            try resets.send(
                (0..<20).flatMap { number in
                    let stream = UInt32(number * 2 + 1)
                    return HTTP2Frames.headers(stream, HTTP2Frames.request(), end: false)
                        + HTTP2Frames.reset(stream)
                })
            resets.readToEnd()
            #expect(resets.goAways == ["GOAWAY 5 ENHANCE_YOUR_CALM"])
            let head = try worker.connectHTTP2()
            try head.send(
                HTTP2Frames.headers(1, HTTP2Frames.request(), endHeaders: false)
                    + HTTP2Frames.frame(9, stream: 1) + HTTP2Frames.frame(9, stream: 1))
            head.readToEnd()
            #expect(head.goAways == ["GOAWAY 1 ENHANCE_YOUR_CALM"])
            self.expectNoneInUse(worker)
        }

        @Test("A body that does not go on is answered with 408, and its rest not waited for")
        func bodyTimeout() throws {
            let worker = try self.relay(listener: "timeouts: { body: 200ms }")
            let client = try worker.connectHTTP2()
            let stream = try client.request(
                "/", method: "POST", [("content-length", "10")], body: "hello", end: false)
            try client.read { client[stream].reset != nil }
            #expect(client[stream].status == 408)
            #expect(client[stream].reset == "NO_ERROR")
            #expect(try client.ask().status == 200)
            self.expectNoneInUse(worker)
        }

        @Test("A client that does not read an answer loses its stream, and one that reads slowly does not")
        func writeTimeout() throws {
            self.backend.on(
                "/large",
                answer: "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
                    + String(repeating: "x", count: 100_000))
            let worker = try self.relay(listener: "timeouts: { body: 300ms }")
            let client = try worker.connectHTTP2(opensWindows: false)
            let stream = try client.request("/large")
            try client.read { client[stream].reset != nil }
            #expect(client[stream].body.count == 65_535)
            // The window of the connection is used up: everything comes by what is opened now.
            let next = try client.request("/large")
            try client.read { client[next].hasHead }
            try client.send(HTTP2Frames.windowUpdate(next, 100_000))
            let start = MonotonicTime.now()
            while MonotonicTime.now().since(start) < 900_000_000, client[next].reset == nil {
                let before = client[next].body.count
                try client.send(HTTP2Frames.windowUpdate(0, 100))
                try client.read { client[next].body.count > before || client[next].isOver }
                usleep(20_000)
            }
            try client.send(HTTP2Frames.windowUpdate(0, 100_000))
            let message = try client.finish(next)
            #expect(message.reset == nil)
            #expect(message.body.count == 100_000)
            self.expectNoneInUse(worker)
        }

        @Test("A silent client is asked by PING, kept when it answers, and closed when it does not")
        func keepAlive() throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay(
                listener: "http2: { keepAliveInterval: 1s, keepAliveTimeout: 200ms }")
            let (lively, dead) = (try worker.connectHTTP2(), try worker.connectHTTP2())
            let (first, second) = (try lively.request("/held"), try dead.request("/held"))
            try lively.read { lively.frames.contains("PING") }
            try lively.roundTrip()
            #expect(eventually { dead.connection.socket.hasInput(within: 0) })
            #expect(eventually { worker.onWorker { $0.spareExchanges.count } == 1 })
            gate.open()
            #expect(try lively.finish(first).text == "held")
            dead.readToEnd()
            #expect(dead[second].status == 0)
            self.expectNoneInUse(worker)
        }

        // MARK: The end of a connection

        @Test("A drain is announced, takes what is on its way, and ends with the last stream")
        func drain() throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            let first = try client.request("/held")
            try client.roundTrip()
            let isDrained = Mutex(false)
            worker.worker.loop.mailbox.send {
                worker.worker.drain { isDrained.withLock { $0 = true } }
            }
            try client.read { !client.goAways.isEmpty }
            let late = try client.request()
            #expect(try client.finish(late).text == "backend")
            try client.read { client.goAways.count == 2 }
            #expect(client.goAways == ["GOAWAY 2147483647 NO_ERROR", "GOAWAY 3 NO_ERROR"])
            let tooLate = try client.request()
            try client.roundTrip()
            gate.open()
            #expect(try client.finish(first).text == "held")
            client.readToEnd()
            #expect(client[tooLate].heads.isEmpty)
            client.connection.socket.close()
            #expect(eventually { isDrained.withLock { $0 } })
            self.expectNoneInUse(worker)
        }

        @Test("A client that never stops asking cannot keep a drain from its end")
        func drainUnderLoad() throws {
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            var open = try (0..<4).map { _ in try client.request() }
            try client.roundTrip()
            worker.worker.loop.mailbox.send { worker.worker.drainListeners() }
            while client.goAways.count < 2 {
                try client.readFrame()
                for stream in open where client[stream].isOver {
                    open.removeAll { $0 == stream }
                    open.append(try client.request())
                }
            }
            client.readToEnd()
            self.expectNoneInUse(worker)
        }

        @Test("Requests in flight finish on their snapshot, those that follow see the new one")
        func reload() throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            let first = try client.request("/held")
            #expect(eventually { gate.isWaitedFor })
            let other = try RawBackend("other")
            try worker.install(WorkerUnderTest.relay(to: other))
            #expect(try client.ask().text == "other")
            gate.open()
            #expect(try client.finish(first).text == "held")
            #expect(client.goAways.isEmpty)
        }

        @Test("A reload that removes the listener takes no further request, and finishes those in flight")
        func removedListener() throws {
            let gate = Gate()
            self.hold(gate)
            let configuration = WorkerUnderTest.relay(to: self.backend)
            let worker = try WorkerUnderTest(
                configuration.replacing(
                    "listeners:", with: "listeners:\n  - { name: other, address: \"127.0.0.2:0\" }"))
            let client = try worker.connectHTTP2("127.0.0.1:0")
            let idle = try worker.connectHTTP2("127.0.0.1:0")
            let first = try client.request("/held")
            #expect(eventually { gate.isWaitedFor })
            try worker.install(
                configuration.replacing("name: public", with: "name: other").replacing(
                    "127.0.0.1:0", with: "127.0.0.2:0"))
            try client.read { !client.goAways.isEmpty }
            let late = try client.request()
            try client.roundTrip()
            gate.open()
            #expect(try client.finish(first).text == "held")
            client.readToEnd()
            idle.readToEnd()
            #expect(client.goAways == ["GOAWAY 1 NO_ERROR"])
            #expect(idle.goAways == ["GOAWAY 0 NO_ERROR"])
            #expect(client[late].heads.isEmpty)
            self.expectNoneInUse(worker)
        }

        @Test(
            "A client that breaks the protocol is told why, and its requests end", arguments: [true, false])
        func connectionError(midBody: Bool) throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            try client.request("/held", method: "POST", end: !midBody)
            #expect(eventually { gate.isWaitedFor })
            try client.send(HTTP2Frames.data(0, "x"))
            client.readToEnd()
            #expect(client.goAways == ["GOAWAY 1 PROTOCOL_ERROR"])
            gate.open()
            self.expectNoneInUse(worker)
        }

        @Test("A client that resets its connection leaves nothing behind")
        func connectionReset() throws {
            let gate = Gate()
            self.hold(gate)
            let worker = try self.relay()
            let client = try worker.connectHTTP2()
            for _ in 0..<20 { try client.request("/held") }
            #expect(eventually { gate.isWaitedFor })
            client.connection.reset()
            self.expectNoneInUse(worker)
            gate.open()
            #expect(try worker.connectHTTP2().ask().status == 200)
        }
    }
}
