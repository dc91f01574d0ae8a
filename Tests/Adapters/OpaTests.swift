import Opa
import PosternSDK
import PosternTestKit
import TestSupport
import Testing

@Suite(.ownThread) struct OpaTests {
    let host = TestHost()
    let backend: RawBackend
    let record = TestRecord(
        TestShape(
            .authorization,
            columns: [
                "user", "groups", "namespace", "service", "method", "path", "subject.location",
                "action.size", "subject.gone",
            ]),
        [
            .string("alice"), .string("staff, admin"), .absent, .string("reviews"), .string("GET"),
            .string("/a\"b"), .string("here"), .int64(7), .absent,
        ])

    init() throws { self.backend = try RawBackend() }

    func handler(_ more: String = "") throws -> TestHandler {
        try self.host.configure(
            OpaAdapter.self, "{ \"url\": \"http://\(self.backend.address)/v1/data/gateway\"\(more) }")
    }

    func answer(_ body: String, _ status: String = "200 OK") {
        self.backend.on(
            "/v1/data/gateway",
            answer: "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test("The agent is asked with subject and action as input")
    func input() throws {
        // What has no script is answered with the backend's name, which is no JSON.
        #expect(throws: TestFailure.self) { try self.handler().check(self.record) }
        let request = try #require(self.backend.takeRequests().first)
        #expect(request.method == "POST" && request["content-type"] == "application/json")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"input":{"subject":{"user":"alice","groups":["staff","admin"],"#
                + #""properties":{"location":"here"}},"action":{"service":"reviews","method":"GET","#
                + #""path":"/a\"b","properties":{"size":7}}}}"#)
    }

    @Test("True passes and false does not; an object may say why")
    func results() throws {
        let handler = try self.handler(#", "validDuration": "2s", "message": "no""#)
        self.answer(#"{"result": true}"#)
        #expect(try handler.check(self.record).code == 0)
        #expect(try handler.check(self.record).validFor == .seconds(2))
        self.answer(#"{"decision_id": "x", "result": false}"#)
        #expect(try handler.check(self.record).code == 7)
        #expect(try handler.check(self.record).message == "no")
        self.answer(#"{"result": {"allow": false, "message": "not on a Sunday"}}"#)
        #expect(try handler.check(self.record).message == "not on a Sunday")
        self.answer(#"{"result": {"allow": true, "other": 1}}"#)
        #expect(try handler.check(self.record).code == 0)
        #expect(self.backend.connections.count == 1)
    }

    @Test(
        "What decides nothing is a failure, which the rule judges",
        arguments: [
            ("{}", "200 OK", "the document is undefined"), ("nonsense", "200 OK", "undefined"),
            (#"{"result": "yes"}"#, "200 OK", "the document is a string"),
            (#"{"result": {"allow": 1}}"#, "200 OK", "the document is an object"),
            (#"{"code": "internal_error"}"#, "500 Bad", "it answered 500"),
            ("", "401 No", "it answered 401"),
        ])
    func failures(body: String, status: String, why: String) throws {
        self.answer(body, status)
        let handler = try self.handler()
        let failure = #expect(throws: TestFailure.self) { try handler.check(self.record) }
        #expect(failure?.problem.contains(why) == true, "\(String(describing: failure))")
    }

    @Test("An agent that is absent, slow or killed is a failure; when it is back it is asked")
    func unreachable() throws {
        let port = try freePort()
        let handler = try self.host.configure(
            OpaAdapter.self, "{ \"url\": \"http://127.0.0.1:\(port)/v1/data/a\", \"timeout\": \"200ms\" }")
        func why() -> String? {
            do {
                return "code \(try handler.check(self.record).code)"
            } catch { return (error as? TestFailure)?.problem }
        }
        #expect(why()?.contains("refused") == true)
        let agent = try RawBackend(at: "127.0.0.1:\(port)")
        let body = #"{"result": true}"#
        let good = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        agent.on("/v1/data/a", answer: good)
        // A busy machine may take longer than the timeout.
        #expect(eventually { why() == "code 0" })
        let gate = Gate()
        agent.on("/v1/data/a") { _, _ in
            try gate.wait()
            return false
        }
        #expect(why()?.contains("timed out") == true)
        gate.open()
        agent.dropConnections()
        agent.on("/v1/data/a", answer: good)
        #expect(eventually { why() == "code 0" })
    }

    @Test("Configurations that make no sense are refused with the place")
    func refusals() {
        #expect(problem(OpaAdapter.self, #"{ "url": "x" }"#).hasPrefix("/url: must be http"))
        #expect(problem(OpaAdapter.self, #"{ "url": "http://a" }"#).hasPrefix("/url: must name the document"))
        #expect(
            problem(OpaAdapter.self, #"{ "url": "http://a/b", "timeout": "0s" }"#).hasPrefix("/timeout"))
    }
}
