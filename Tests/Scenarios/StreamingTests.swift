import Primitives
import TestSupport
import Testing

extension Scenarios {
    /// Bodies of any length in little memory, and who waits for whom.
    @Suite(.scenario(Scenarios.relay)) struct StreamingTests {
        let proxy: ProxyProcess
        let backend: RawBackend

        init() throws {
            self.proxy = try Scenario.current.proxy
            self.backend = try Scenario.current.backend()
            // Buffers, code and the allocator's arenas are there before anything is measured.
            for isChunked in [true, false] {
                try self.upload(Pattern(length: 8 << 20), isChunked)
                try self.download(Pattern(length: 8 << 20), isChunked)
            }
        }

        /// 4 GiB, which no counter of 32 bits holds; less for the debug binary, which is many times slower.
        private static var length: Int { ProxyProcess.isRelease ? (4 << 30) + 12_345 : 192 << 20 }
        /// What the proxy may take for a body, and what all buffers between two ends may hold.
        private static let kibibytes = 3 << 10
        private static let buffered = 48 << 20

        private func framing(_ pattern: Pattern, _ isChunked: Bool) -> String {
            isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(pattern.length)"
        }

        private func upload(_ pattern: Pattern, _ isChunked: Bool) throws {
            self.backend.on("/up") { connection, _ in
                try connection.receive(pattern, isChunked: isChunked)
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsame")
                return true
            }
            let client = try self.proxy.connect()
            try client.send("PUT /up HTTP/1.1\r\nHost: a\r\n\(self.framing(pattern, isChunked))\r\n\r\n")
            try client.send(pattern, isChunked: isChunked)
            #expect(try client.readResponse().text == "same")
        }

        private func download(_ pattern: Pattern, _ isChunked: Bool) throws {
            let framing = self.framing(pattern, isChunked)
            self.backend.on("/down") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
                try connection.send(pattern, isChunked: isChunked)
                return true
            }
            let client = try self.proxy.connect()
            try client.send("GET /down HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readHead().status == 200)
            try client.receive(pattern, isChunked: isChunked)
        }

        @Test("A huge request passes unchanged in constant memory", arguments: [true, false])
        func hugeRequest(isChunked: Bool) throws {
            try self.proxy.forgetPeak()
            let before = self.proxy.residentKibibytes
            try self.upload(Pattern(length: Self.length), isChunked)
            #expect(self.proxy.peakResidentKibibytes < before + Self.kibibytes)
        }

        @Test("A huge response passes unchanged in constant memory", arguments: [true, false])
        func hugeResponse(isChunked: Bool) throws {
            try self.proxy.forgetPeak()
            let before = self.proxy.residentKibibytes
            try self.download(Pattern(length: Self.length), isChunked)
            #expect(self.proxy.peakResidentKibibytes < before + Self.kibibytes)
        }

        @Test("A client that does not read stops the service, and then gets the rest")
        func slowClient() throws {
            let before = self.proxy.residentKibibytes
            let total = 256 << 20
            let stopped = Gate()
            let sent = Lock(0)
            self.backend.on("/stop") { connection, _ in
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
                let count = try connection.socket.writeUntilBlocked(atMost: total, milliseconds: 200)
                sent.withLock { $0 = count }
                stopped.open()
                try connection.send([UInt8](repeating: 0x78, count: total - count))
                return true
            }
            let client = try self.proxy.connect()
            try client.send("GET /stop HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readHead().status == 200)
            try stopped.wait()
            #expect(sent.withLock { $0 } < Self.buffered)
            #expect(self.proxy.residentKibibytes < before + Self.kibibytes)
            try client.skip(total)
        }

        @Test(
            "A service that does not read stops the client, and then gets the rest", arguments: [true, false])
        func slowService(isChunked: Bool) throws {
            let before = self.proxy.residentKibibytes
            let total = 256 << 20
            let gate = Gate()
            self.backend.on("/stop") { connection, _ in
                try gate.wait()
                if isChunked {
                    try connection.skipChunks()
                } else {
                    try connection.skip(total)
                }
                try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall")
                return true
            }
            let client = try self.proxy.connect()
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(total)"
            try client.send("PUT /stop HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
            // One chunk: its framing ends with the last byte.
            if isChunked { try client.send("\(String(total, radix: 16))\r\n") }
            let sent = try client.socket.writeUntilBlocked(atMost: total, milliseconds: 200)
            #expect(sent < Self.buffered)
            #expect(self.proxy.residentKibibytes < before + Self.kibibytes)
            gate.open()
            try client.send([UInt8](repeating: 0x78, count: total - sent))
            if isChunked { try client.send("\r\n0\r\n\r\n") }
            #expect(try client.readResponse().text == "all")
        }
    }
}
