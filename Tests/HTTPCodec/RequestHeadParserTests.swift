import Filtering
import HTTPCodec
import Primitives
import Testing

@Suite struct RequestHeadParserTests {
    private func parse(_ text: String, _ parser: RequestHeadParser) -> (HeadResult, HeaderBlock, RequestFacts)
    {
        var parser = parser
        let block = HeaderBlock(capacity: 16)
        var facts = RequestFacts()
        let result = text.withByteView { parser.parse($0, into: block, facts: &facts) }
        return (result, block, facts)
    }

    @Test("Fields get their numbers, values without blanks, and lines that can be copied")
    func fields() {
        let (result, block, facts) = self.parse(
            "GET /a?b HTTP/1.1\r\nHost: h:1\r\nUser-Agent:  curl \r\nX-Own: 1\r\n\r\nbody",
            RequestHeadParser()
        )
        #expect(result == .complete(bytes: 62))
        #expect(block.method == "GET")
        #expect(block.path == "/a?b")
        #expect(block.authority == "h:1")
        #expect(block.scheme == "http")
        #expect(block.count == 2)
        #expect(block[0].id == .userAgent)
        #expect(block.value(block[0]) == "curl")
        #expect(!block[0].isVerbatim)
        #expect(block[1].id == .other)
        #expect(block[1].isVerbatim)
        #expect(facts.framing == .none)
        #expect(facts.isKeepAlive)
    }

    @Test("CONNECT passes when allowed, with the authority as target")
    func connect() {
        let parser = RequestHeadParser(allowConnect: true)
        let (result, block, facts) = self.parse("CONNECT a:443 HTTP/1.1\r\nHost: A:443\r\n\r\n", parser)
        #expect(result == .complete(bytes: 39))
        #expect(facts.isConnect)
        #expect(block.authority == "a:443")
        #expect(block.path.isEmpty)
        #expect(writtenRequest(block, facts).hasPrefix("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n"))
        #expect(self.parse("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", parser).0 == .failed(.badTarget))
        #expect(self.parse("CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", parser).0 == .failed(.badTarget))
        #expect(self.parse("CONNECT a:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", parser).0 == .failed(.hostMismatch))
    }

    @Test("Only listed protocols may be upgraded to, and the facts say which")
    func upgrades() {
        let parser = RequestHeadParser(upgradeTokens: ["websocket", "mine"])
        let (_, block, facts) = self.parse(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other, MINE\r\n\r\n", parser
        )
        #expect(facts.isUpgrade)
        #expect(facts.upgradeIndex == 1)
        #expect(block.first(.upgrade)?.string == "MINE")
    }

    @Test("Limits hold wherever the bytes are cut")
    func limits() {
        let parser = RequestHeadParser(limits: HeadLimits(head: 100, fields: 2, url: 10))
        for (text, error) in [
            ("GET /23456789 HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n", HTTPError.urlTooLong),
            (String(repeating: "A", count: 90), .urlTooLong),
            ("\rGET /" + String(repeating: "a", count: 80) + " HTTP/1.1\r\n\r\n", .urlTooLong),
            ("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequestLine),
            ("GET / HTTP/1.1\r\nHost: a\r\nA:1\r\nB:2\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nHost: a\r\nA:1\r\nB:2\r\nC:3\r\n\r\n", .tooManyFields),
            ("GET / HTTP/1.1\r\nHost: a\r\nA:" + String(repeating: "1", count: 69) + "\r\n\r\n", nil),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nA:" + String(repeating: "1", count: 70) + "\r\n\r\n",
                .headTooLarge
            ),
        ] {
            let (seen, difference) = atEverySplit(Array(text.utf8)) { readRequests($0, parser: parser) }
            #expect(difference == nil)
            #expect(seen.error == error?.details.description, "\(text)")
            #expect(seen.status == error?.status)
        }
    }

    @Test("Pipelined requests come out one by one, wherever they are cut")
    func pipelining() {
        let text =
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            + "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
            + "\r\nGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n"
        let (seen, difference) = atEverySplit(Array(text.utf8)) { readRequests($0) }
        #expect(difference == nil)
        #expect(seen.messages.map { $0.head.prefix(7) } == ["POST /1", "POST /2", "GET /3 "])
        #expect(seen.messages.map(\.body) == [Array("abc".utf8), Array("hi".utf8), []])
    }

    @Test("A refused head leaves nothing in the block, and the parser ready")
    func refusalLeavesNothing() {
        var parser = RequestHeadParser()
        let block = HeaderBlock(capacity: 16)
        var facts = RequestFacts()
        let bad = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB : 2\r\n\r\n"
        #expect(
            bad.withByteView { parser.parse($0, into: block, facts: &facts) } == .failed(.spaceBeforeColon))
        #expect(block.count == 0)
        let good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(good.withByteView { parser.parse($0, into: block, facts: &facts) } == .complete(bytes: 27))
    }

    @Test("Bytes of an unfinished line that were searched for its end are not searched again")
    func looksOnce() {
        var parser = RequestHeadParser()
        let block = HeaderBlock(capacity: 16)
        var facts = RequestFacts()
        let parts = ["GET / HTTP/1.1", "\r\nHost: a\r\nA: xx", "xxxx"]
        for count in 1...parts.count {
            let result = parts[..<count].joined().withByteView {
                parser.parse($0, into: block, facts: &facts)
            }
            #expect(result == .incomplete)
        }
        // A line end where the parser has been: it would find it if it looked there again.
        let changed = "GET / HTTP/1.1\r\nHost: a\r\nA: xx\nxxxxxxx"
        #expect(changed.withByteView { parser.parse($0, into: block, facts: &facts) } == .incomplete)
    }
}
