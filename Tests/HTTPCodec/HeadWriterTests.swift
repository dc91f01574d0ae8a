import Filtering
@testable import HTTPCodec
import Primitives
import Testing

@Suite struct HeadWriterTests {
    private func parsed(_ text: String) throws -> (block: HeaderBlock, facts: RequestFacts) {
        let block = HeaderBlock(capacity: 16)
        var facts = RequestFacts()
        var parser = RequestHeadParser()
        let result = text.withByteView { parser.parse($0, into: block, facts: &facts) }
        #expect(result == .complete(bytes: text.utf8.count))
        return (block, facts)
    }

    private func response(_ status: Int, _ fields: [(StaticString, StaticString)]) -> HeaderBlock {
        let block = HeaderBlock(capacity: 16)
        block.status = status
        for (name, value) in fields { block.add(ByteView(name), ByteView(value)) }
        return block
    }

    private func written(
        _ block: HeaderBlock, _ framing: BodyFraming, _ options: ResponseHeadOptions = ResponseHeadOptions()
    ) -> String {
        let buffer = ByteBuffer(capacity: 16)
        HeadWriter.writeResponse(block, framing: framing, options: options, to: buffer)
        return buffer.view.string
    }

    @Test("Unchanged fields keep order and spelling, with Host first and Via last")
    func verbatim() throws {
        let (block, facts) = try self.parsed(
            "GET /a HTTP/1.1\r\nX-One:1\r\nHOST: a:80\r\nConnection: close\r\n"
                + "x-TWO:   2\r\nX-Three: 3 \r\n\r\n"
        )
        #expect(
            writtenRequest(block, facts)
                == "GET /a HTTP/1.1\r\nHost: a:80\r\nX-One:1\r\nx-TWO:   2\r\nX-Three: 3\r\n"
                + "Via: 1.1 postern\r\n\r\n"
        )
    }

    @Test("Changed, added and removed fields and path take effect between unchanged ones")
    func edited() throws {
        let (block, facts) = try self.parsed(
            "GET /a HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n"
        )
        block.set(ByteView("b"), ByteView("new"))
        block.removeAll(named: ByteView("c"))
        block.add(ByteView("E"), ByteView("5"))
        block.set(ByteView(":path"), ByteView("/other"))
        #expect(
            writtenRequest(block, facts)
                == "GET /other HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: new\r\nD: 4\r\nE: 5\r\n"
                + "Via: 1.1 postern\r\n\r\n"
        )
    }

    @Test("Fields that a filter adds cannot change framing or connection")
    func filtersCannotFrame() throws {
        let (block, facts) = try self.parsed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        for name in ["Transfer-Encoding", "Connection", "Upgrade", "Keep-Alive", "TE", "Content-Length"] {
            name.withByteView { _ = block.add($0, ByteView("evil")) }
        }
        #expect(
            writtenRequest(block, facts)
                == "POST / HTTP/1.1\r\nHost: a\r\nVia: 1.1 postern\r\nContent-Length: 2\r\n\r\n"
        )
    }

    @Test("Options add their fields")
    func options() throws {
        let (block, _) = try self.parsed(
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTrailer: x\r\n\r\n")
        var options = RequestHeadOptions()
        options.expectContinue = true
        options.keepAlive = false
        options.receivedMinorVersion = 0
        let buffer = ByteBuffer(capacity: 16)
        HeadWriter.writeRequest(block, framing: .chunked, options: options, to: buffer)
        #expect(
            buffer.view.string
                == "PUT / HTTP/1.1\r\nHost: a\r\nTrailer: x\r\nVia: 1.0 postern\r\nExpect: 100-continue\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
    }

    @Test("A response says how its body ends and whether the connection stays")
    func responses() {
        let block = self.response(200, [("content-length", "9"), ("x", "y")])
        var options = ResponseHeadOptions()
        options.via = false
        #expect(
            self.written(block, .length(5), options) == "HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 5\r\n\r\n"
        )
        #expect(
            self.written(block, .chunked, options)
                == "HTTP/1.1 200 OK\r\nx: y\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        options.keepAlive = false
        #expect(
            self.written(block, .untilClose, options)
                == "HTTP/1.1 200 OK\r\nx: y\r\nConnection: close\r\n\r\n")
        options.keepAlive = true
        options.minorVersion = 0
        options.wasHead = true
        #expect(
            self.written(block, .none, options)
                == "HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 9\r\nConnection: keep-alive\r\n\r\n"
        )
    }

    @Test(
        "Statuses without a body have no length, 304 apart",
        arguments: [(204, false), (103, false), (304, true)])
    func bodiless(status: Int, hasLength: Bool) {
        let block = self.response(status, [("Content-Length", "9")])
        #expect(self.written(block, .none).contains("Content-Length: 9\r\n") == hasLength)
    }

    @Test("A status nobody registered has an empty reason")
    func unknownStatus() {
        #expect(self.written(self.response(299, []), .none).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test("Chunks and trailers are written as a decoder reads them")
    func chunks() throws {
        let buffer = ByteBuffer(capacity: 16)
        for text in ["hello ", String(repeating: "x", count: 300)] {
            HeadWriter.writeChunkHeader(length: text.utf8.count, to: buffer)
            buffer.append(text)
            HeadWriter.writeChunkEnd(to: buffer)
        }
        HeadWriter.writeLastChunk(
            trailers: self.response(0, [("X-Sum", "1"), ("Content-Length", "1")]), to: buffer)
        #expect(buffer.view.string.hasPrefix("6\r\nhello \r\n12c\r\nxxx"))
        #expect(buffer.view.string.hasSuffix("x\r\n0\r\nX-Sum: 1\r\n\r\n"))
    }

    @Test("The sets of stripped fields are the ones documented")
    func sets() {
        func bits(_ ids: [HeaderID]) -> UInt64 { ids.reduce(0) { $0 | 1 << UInt64($1.rawValue) } }
        let hopByHop: [HeaderID] = [
            .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade, .te,
            .http2Settings,
        ]
        #expect(HeadWriter.hopByHop == bits(hopByHop))
        #expect(HeadWriter.trailer == bits([.trailer]))
        #expect(HeadWriter.requestOnly == bits([.host, .expect]))
    }
}
