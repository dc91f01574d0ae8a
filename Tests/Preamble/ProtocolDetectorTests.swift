import Preamble
import Primitives
import TestSupport
import Testing

@Suite struct ProtocolDetectorTests {
    private func detect(_ bytes: [UInt8]) -> ProtocolDetector.Outcome {
        let (outcome, difference) = shownInEveryWay(bytes) {
            var detector = ProtocolDetector()
            return { shown -> ProtocolDetector.Outcome? in
                let outcome = shown.withByteView { detector.detect($0) }
                return outcome == .needMore ? nil : outcome
            }
        }
        #expect(difference == nil)
        return outcome ?? .needMore
    }

    private func detect(_ text: String) -> ProtocolDetector.Outcome { self.detect(Array(text.utf8)) }

    @Test(
        "Tells HTTP/1 by its whole first line",
        arguments: [
            "GET / HTTP/1.1\r\n", "GET / HTTP/1.0\n", "\r\nGET / HTTP/1.1\r\n", "get /a b HTTP/1.1\r\n",
            "MKCALENDAR * HTTP/1.1\r\n", "CONNECT a:443 HTTP/1.1\r\nHost", "GET http://a/ HTTP/3.0\r\n",
            "PRI * HTTP/2.0\r\n\r\nXX", "PRINT /x HTTP/1.1\r\n",
        ]
    )
    func http1(text: String) { #expect(self.detect(text) == .http1) }

    @Test(
        "Takes nothing else for HTTP/1",
        arguments: [
            "PING\r\n", "SET key value\r\n", "CONNECT {\"verbose\":false}\r\n", "GET /\r\n",
            "EHLO a.example\r\n",
            "*1\r\n$4\r\nPING\r\n", "\u{0}\u{0}\u{0}\u{8}", " GET / HTTP/1.1\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\n",
            "GET /\u{1} HTTP/1.1\r\n", "GET /\r HTTP/1.1\r\n", "GET  HTTP/1.1\r\n", "GET / HTTP/1.1x\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n", "\n",
        ]
    )
    func other(text: String) { #expect(self.detect(text) == .other) }

    @Test("Tells HTTP/2 by its whole preface")
    func http2() {
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        #expect(self.detect(preface) == .http2)
        #expect(self.detect(preface + "\0\0\0\u{4}") == .http2)
        for count in 0..<24 {
            #expect(self.detect(String(preface.unicodeScalars.prefix(count))) == .needMore)
        }
    }

    @Test("Tells TLS by a handshake record's first three bytes")
    func tls() {
        #expect(self.detect(MadeClientHello(name: "a").bytes) == .tls)
        #expect(self.detect([0x16, 3, 1]) == .tls)
        #expect(self.detect([0x16, 3]) == .needMore)
        #expect(self.detect([0x16, 2]) == .other)
        #expect(self.detect([0x16, 3, 5]) == .other)
    }

    @Test("Waits for the line's end, and not longer than its limit")
    func limits() {
        #expect(self.detect("GET /abc HTTP/1.") == .needMore)
        #expect(self.detect("GE") == .needMore)
        let long = String(repeating: "a", count: ProtocolDetector.lineLimit)
        #expect(self.detect("GET /" + long) == .http1)
        #expect(self.detect("GET x" + long) == .other)
        #expect(self.detect(long) == .other)
    }
}
