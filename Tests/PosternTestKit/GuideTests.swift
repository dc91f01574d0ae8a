import Foundation
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

/// The filters of docs/extending/writing-a-filter.md: they are what the page shows, and do what it says.
@Suite struct GuideTests {
    @Test(
        "The page shows the filters as they are built",
        arguments: [
            "Tests/PosternTestKit/Guide/Redact.swift", "Tests/PosternTestKit/Guide/AskFirst.swift",
            "examples/plugins/mini-key-auth/Sources/MiniKeyAuth/MiniKeyAuth.swift",
        ])
    func page(_ path: String) throws {
        let page = try String(
            contentsOf: Binaries.checkout.appending(path: "docs/extending/writing-a-filter.md"),
            encoding: .utf8)
        let source = try String(contentsOf: Binaries.checkout.appending(path: path), encoding: .utf8)
        #expect(page.contains("```swift\n\(source)```"), "writing-a-filter.md does not show \(path) as it is")
    }

    @Test("Redact hides words in text, wherever the parts are cut, and leaves all else alone")
    func redact() throws {
        let filter = try TestHost().configure(Redact.self, #"{ "words": ["secret"] }"#)
        let exchange = filter.send()
        exchange.answer(
            TestResponse(
                200, headers: ["content-type": "text/plain"], body: ["a sec", "ret and a secr", "et"]))
        #expect(exchange.response?.body.text == "a *** and a ***")
        #expect(exchange.response?.headers["content-length"] == "15")
        let image = filter.send()
        image.answer(TestResponse(200, headers: ["content-type": "image/png"], body: ["a sec", "ret"]))
        #expect(image.response?.body.parts.count == 2)
        let large = filter.send()
        large.answer(
            TestResponse(
                200, headers: ["content-type": "text/plain"],
                body: TestBody(String(repeating: "x", count: 262_145))))
        #expect(large.response?.status == 502 && large.details == "response_payload_too_large")
    }

    @Test("AskFirst lets pass what its service allows, and nothing while that is silent")
    func askFirst() throws {
        let host = TestHost()
        host.services = ["decisions"]
        let filter = try host.configure(AskFirst.self, #"{ "service": "decisions", "timeout": "100ms" }"#)

        let allowed = filter.send(TestRequest("GET", "/reviews", headers: ["x-user": "jason"]))
        #expect(host.callouts.first?.request.path == "/may?path=/reviews")
        #expect(host.callouts.first?.request.headers["x-user"] == "jason")
        host.advance(by: .milliseconds(30))
        host.answer(TestResponse(200))
        #expect(allowed.forwarded?.path == "/reviews")
        #expect(host.observations("ask_first_milliseconds") == [30])

        let denied = filter.send()
        host.answer(TestResponse(404))
        #expect(denied.response?.status == 403 && host.metric("ask_first_denied_total") == 1)

        let silent = filter.send()
        host.advance(by: .milliseconds(100))
        #expect(silent.response?.status == 503 && host.metric("ask_first_failed_total") == 1)
        #expect(host.log.map(\.message) == ["no decision: timed out"])
    }

    @Test("AskFirst says what is wrong with its configuration")
    func askFirstConfig() {
        let host = TestHost()
        host.services = ["decisions"]
        for (json, pointer) in [
            (#"{ "service": "decision" }"#, "/service"),
            (#"{ "service": "decisions", "timeout": "11s" }"#, "/timeout"),
        ] {
            let error = #expect(throws: TestConfigRefused.self) { try host.configure(AskFirst.self, json) }
            #expect(error?.problems.map(\.pointer) == [pointer])
        }
    }
}
