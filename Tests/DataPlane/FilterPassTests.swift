internal import Filtering
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import DataPlane

extension DataPlaneTests {
    @Suite struct FilterPassTests {
        let backend: RawBackend

        init() throws { self.backend = try RawBackend() }

        private func post(
            _ body: String, filters: [(String, Hooks)], to worker: WorkerUnderTest? = nil,
            fields: String = "Connection: close\r\n", isChunked: Bool = false
        ) throws -> (response: RawMessage, request: RawMessage?) {
            let worker =
                try worker
                ?? WorkerUnderTest(
                    WorkerUnderTest.relay(to: self.backend, filters: filters.map(\.0)),
                    filters: Dictionary(uniqueKeysWithValues: filters)
                )
            let client = try worker.connect()
            let length = body.utf8.count
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(length)"
            let text = isChunked ? "\(String(length, radix: 16))\r\n\(body)\r\n0\r\n\r\n" : body
            try client.send("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\(framing)\r\n\r\n\(text)")
            let response = try client.readResponse()
            return (response, self.backend.takeRequests().first)
        }

        /// Waits for the whole body and leaves it as it is.
        private static let buffering = Hooks(requestHead: { _, _, _ in .buffer })

        @Test("A chunked body that a filter buffers goes on with its length", arguments: [false, true])
        func bufferedChunks(isShown: Bool) throws {
            var hooks = Self.buffering
            if isShown { hooks.requestBody = { _, _, _ in .continue } }
            let (response, request) = try self.post("hello", filters: [("one", hooks)], isChunked: true)
            #expect(response.status == 200)
            #expect(request?["content-length"] == "5")
            #expect(request?.text == "hello")
        }

        @Test("Two filters may buffer one body, and each sees all of it")
        func twoBuffers() throws {
            var hooks = Self.buffering
            hooks.requestBody = { stream, _, _ in
                stream.replaceBody(ByteView(stream.body.count == 5 ? "hello you" : "all of it"))
                return .continue
            }
            let (response, request) = try self.post("hello", filters: [("one", hooks), ("two", hooks)])
            #expect(response.status == 200)
            #expect(request?["content-length"] == "9")
            #expect(request?.text == "all of it")
        }

        @Test("A filter may pause in the body before one that buffers it", arguments: [false, true])
        func pauseBeforeBuffer(isChunked: Bool) throws {
            let shown = Mutex("")
            var pausing = Hooks()
            pausing.requestBody = { stream, slot, _ in
                stream.resumeSoon(.request, slot)
                return .pause
            }
            var between = Hooks()
            between.requestBody = { stream, _, _ in
                shown.withLock { [text = stream.body.string] in $0 += text }
                return .continue
            }
            let (response, request) = try self.post(
                "hello", filters: [("one", pausing), ("two", between), ("three", Self.buffering)],
                isChunked: isChunked
            )
            #expect(response.status == 200)
            #expect(request?.text == "hello")
            #expect(shown.withLock { $0 } == "hello")
        }

        @Test("A length that a filter breaks without having said so reaches no service as a request")
        func brokenLength() throws {
            for text: StaticString in ["hello GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "he"] {
                let hooks = Hooks(requestBody: { stream, _, endOfStream in
                    if endOfStream { stream.replaceBody(ByteView(text)) }
                    return .continue
                })
                let (response, request) = try self.post("hello", filters: [("one", hooks)])
                #expect(response.status == 500)
                #expect(request == nil)
                #expect(eventually { self.backend.connections.allSatisfy(\.isOver) })
            }
        }

        @Test("A filter behind one that buffers may change the length when it says so")
        func changeBehindBuffer() throws {
            let changing = Hooks(
                requestHead: { stream, _, _ in
                    stream.willChangeBody(.request)
                    return .continue
                },
                requestBody: { stream, _, _ in
                    stream.replaceBody(ByteView("more than that"))
                    return .continue
                }
            )
            let (response, request) = try self.post(
                "hello", filters: [("one", Self.buffering), ("two", changing)])
            #expect(response.status == 200)
            #expect(request?.text == "more than that")
        }

        @Test("A filter that buffers may empty a body, and the length of nothing is 0")
        func emptied() throws {
            var hooks = Self.buffering
            hooks.requestBody = { stream, _, _ in
                stream.replaceBody(.empty)
                return .continue
            }
            let (response, request) = try self.post("hello", filters: [("one", hooks)])
            #expect(response.status == 200)
            #expect(request?["content-length"] == "0")
        }

        @Test("A body that is held waits for a connection")
        func heldWhileWaiting() throws {
            let didBuffer = Mutex(false)
            var hooks = Self.buffering
            hooks.requestBody = { stream, _, _ in
                if !stream.body.isEmpty { didBuffer.withLock { $0 = true } }
                return .continue
            }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(
                    to: self.backend, filters: ["one"],
                    service: "pool: { maxConnections: 1 }\n    timeouts: { connect: 20s }"),
                filters: ["one": hooks]
            )
            let isFree = Mutex(false)
            let isTaken = Mutex(false)
            self.backend.on("/slow") { connection, _ in
                isTaken.withLock { $0 = true }
                eventually { isFree.withLock { $0 } }
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return true
            }
            let first = try worker.connect()
            try first.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isTaken.withLock { $0 } })
            let second = try worker.connect()
            try second.send("POST /next HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(eventually { didBuffer.withLock { $0 } })
            isFree.withLock { $0 = true }
            #expect(try second.readResponse().status == 200)
            #expect(self.backend.takeRequests().first?.text == "hello")
        }

        @Test("To resume without having paused does not undo another filter's pause")
        func idleResume() throws {
            let didCheck = Mutex(false)
            let careless = Hooks(requestHead: { stream, slot, _ in
                stream.resume(.request, by: slot.index)
                return .continue
            })
            let checking = Hooks(requestHead: { stream, slot, _ in
                stream.worker.post(stream.id) { stream in
                    didCheck.withLock { $0 = true }
                    _ = stream.respond(LocalResponse(status: 403, details: "denied"))
                }
                return .pause
            })
            let (response, request) = try self.post(
                "hello", filters: [("one", careless), ("two", checking)])
            #expect(response.status == 403)
            #expect(request == nil)
            #expect(didCheck.withLock { $0 })
        }

        @Test("A filter may change the body of another filter's answer")
        func changedAnswer() throws {
            let changing = Hooks(
                responseHead: { stream, _, _ in
                    stream.willChangeBody(.response)
                    return .continue
                },
                responseBody: { stream, _, _ in
                    stream.replaceBody(ByteView("something longer"))
                    return .continue
                }
            )
            let answering = Hooks(requestHead: { stream, _, _ in
                _ = stream.respond(LocalResponse(status: 403, body: Array("no".utf8), details: "denied"))
                return .responded
            })
            let (response, _) = try self.post("hello", filters: [("one", changing), ("two", answering)])
            #expect(response.status == 403)
            #expect(response.text == "something longer")
        }

        @Test("The text of an attribute stays while the hook changes fields")
        func lentText() throws {
            let texts = Mutex<[String]>([])
            let hooks = Hooks(requestHead: { stream, _, _ in
                var views: [ByteView] = []
                for _ in 0..<100 {
                    if case .bytes(let view) = stream.attribute(.known(.listenerName)) { views.append(view) }
                    _ = stream.request.add(ByteView("x-more"), ByteView("0123456789012345678901234567890"))
                }
                texts.withLock { [read = views.map(\.string)] in $0 = read }
                return .continue
            })
            let (response, _) = try self.post("hello", filters: [("one", hooks)])
            #expect(response.status == 200)
            #expect(texts.withLock { $0 } == Array(repeating: "public", count: 100))
        }

        @Test("A response of which half the head is there shows no field to the request's filters")
        func halfResponse() throws {
            let values = Mutex<[Bool]>([])
            let hooks = Hooks(requestBody: { stream, _, _ in
                let value = stream.attribute(.responseHeader("x-long"))
                let isAbsent = if case .none = value { true } else { false }
                values.withLock { $0.append(isAbsent) }
                return .continue
            })
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let isHalfSent = Mutex(false)
            self.backend.on("/half") { connection, head in
                let long = String(repeating: "x", count: 5000)
                try connection.send("HTTP/1.1 200 OK\r\nx-long: \(long)\r\nContent-Len")
                isHalfSent.withLock { $0 = true }
                _ = try connection.finish(head)
                try connection.send("gth: 0\r\n\r\n")
                return true
            }
            let client = try worker.connect()
            try client.send("POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
            #expect(eventually { isHalfSent.withLock { $0 } })
            // Two more turns of the loop: the half has been read by then.
            for _ in 0..<2 { _ = worker.onWorker { _ in true } }
            try client.send("ab")
            #expect(try client.readResponse().status == 200)
            #expect(values.withLock { $0 } == [true])
        }

        @Test("Nor to anybody once the exchange is over")
        func halfResponseAtEnd() throws {
            let counts = Mutex<[Int]>([])
            let hooks = Hooks(complete: { stream in
                counts.withLock { [count = stream.response.count] in $0.append(count) }
            })
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let isHalfSent = Mutex(false)
            self.backend.on("/half") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nx-field: 1\r\nContent-Len")
                isHalfSent.withLock { $0 = true }
                return try connection.readRequest() != nil
            }
            let gone = try worker.connect()
            try gone.send("GET /half HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(eventually { isHalfSent.withLock { $0 } })
            for _ in 0..<2 { _ = worker.onWorker { _ in true } }
            gone.reset()
            #expect(eventually { counts.withLock { !$0.isEmpty } })
            #expect(counts.withLock { $0 } == [0])
        }

        @Test("A HEAD that a filter makes a GET leaves no body to the next response")
        func headMadeGet() throws {
            let hooks = Hooks(requestHead: { stream, _, _ in
                _ = stream.request.set(ByteView(":method"), ByteView("GET"))
                return .continue
            })
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": hooks])
            let mayGoOn = Mutex(false)
            self.backend.on("/head") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n")
                eventually { mayGoOn.withLock { $0 } }
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil123")
                return true
            }
            let client = try worker.connect()
            try client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readHead().startLine == "HTTP/1.1 200 OK")
            let other = try worker.connect()
            try other.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            mayGoOn.withLock { $0 = true }
            let answer = try other.readResponse()
            #expect(answer.text == "backend")
        }

        @Test("A filter's body for a request without one is sent again on a second connection")
        func madeBodyIsSentAgain() throws {
            var making = Self.buffering
            making.requestBody = { stream, _, _ in
                stream.replaceBody(ByteView("made"))
                return .continue
            }
            let worker = try WorkerUnderTest(
                WorkerUnderTest.relay(to: self.backend, filters: ["one"]), filters: ["one": making])
            self.backend.on("/once") { connection, head in
                _ = try connection.finish(head)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                // The next request here meets a connection that closes.
                _ = try connection.readRequest()
                return false
            }
            let client = try worker.connect()
            try client.send("GET /once HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 200)
            try client.send("GET /again HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            // Not tried again, or tried again with its body: never without.
            #expect(response.status == 502 || self.backend.takeRequests().first?.text == "made")
        }
    }
}
