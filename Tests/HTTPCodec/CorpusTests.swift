import TestSupport
import Testing

@Suite struct CorpusTests {
    @Test("The corpus holds at least 80 cases, each with a title of its own in its file")
    func size() throws {
        let cases = try CorpusCase.load("requests") + CorpusCase.load("responses")
        #expect(cases.count >= 80)
        #expect(Set(cases.map(\.description)).count == cases.count)
    }

    @Test(
        "A raw request meets what the corpus says, wherever its bytes are cut",
        arguments: try CorpusCase.load("requests"))
    func request(of example: CorpusCase) throws {
        let (seen, difference) = atEverySplit(example.send) { readRequests($0) }
        #expect(difference == nil)
        #expect(seen.status == example.refusal)
        #expect(seen.error == example.first("details"))
        if example.first("backend") == "aborted" {
            #expect(seen.messages.count == 1)
            #expect(seen.messages.first?.isWhole == false)
        }
        if example.first("backend") == "nothing" { #expect(seen.messages.isEmpty) }
        guard example.refusal == nil else {
            #expect(!example.isNextServed)
            return
        }
        let message = try #require(seen.messages.first)
        #expect(seen.messages.count == 1)
        #expect(message.isWhole)
        #expect(message.isKeepAlive == example.isNextServed)
        #expect(message.head.hasPrefix((example.first("backend") ?? "") + "\r\n"))
        expectFields(fieldLines(message.head), example, "backend")
        if let body = example.body { #expect(message.body == body) }
        for trailer in example.all("trailer") { #expect(message.trailers == [trailer]) }
    }

    @Test(
        "A raw response meets what the corpus says, wherever its bytes are cut",
        arguments: try CorpusCase.load("responses"))
    func response(of example: CorpusCase) throws {
        let (seen, difference) = atEverySplit(example.send) {
            readResponse($0, request: example.first("request") ?? "GET")
        }
        #expect(difference == nil)
        #expect(seen.status == example.refusal)
        #expect(seen.error == example.first("details"))
        guard let client = example.first("client") else {
            #expect(seen.messages.isEmpty)
            return
        }
        let message = try #require(seen.messages.last)
        #expect("\(message.status)" == client)
        #expect(message.isWhole == (example.refusal == nil))
        expectFields(fieldLines(message.head), example, "client")
        if let body = example.body { #expect(message.body == body) }
        for trailer in example.all("trailer") { #expect(message.trailers == [trailer]) }
    }

    private func expectFields(_ lines: [String], _ example: CorpusCase, _ side: String) {
        for field in example.all("\(side)-field") {
            let expected = String(decoding: CorpusCase.unescape(field), as: UTF8.self)
            #expect(
                lines.contains { trimmed($0) == trimmed(expected) },
                "no '\(expected)' among \(lines)"
            )
        }
        for name in example.all("\(side)-without") { #expect(!lines.contains { $0.hasPrefix("\(name):") }) }
    }

    /// Without blanks at the end and around the first colon.
    private func trimmed(_ line: String) -> String {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = String(parts.last ?? "").drop { $0 == " " || $0 == "\t" }
        var text = Array(value.utf8)
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return "\(parts[0]): \(String(decoding: text, as: UTF8.self))"
    }
}
