import Foundation
import PosternTestKit
import Synchronization
import TestSupport
import Testing

/// The same behaviours in the real `postern-proxy`.
@Suite(
    .serialized, .ownThread,
    .scenario(
        """
        plugins: { path: ["\(Binaries.testFolder)"] }
        listeners:
          - name: public
            address: "127.0.0.1:0"
            filters: [{ plugin: behaviours, config: { service: called } }]
        routes:
          - { name: all, rules: [{ service: backend }] }
        services:
          - { name: backend, endpoints: [{backend}] }
          - { name: called, endpoints: [{called}] }
        """, backends: ["backend", "called"])
)
struct LiveBehaviourTests {
    @Test("A filter is seen to do in a gateway what it does on the kit", arguments: Behaviour.all)
    func behaves(_ behaviour: Behaviour) throws {
        let scenario = try Scenario.current
        let seen = Mutex<RawMessage?>(nil)
        let path = (behaviour.forwardedPath ?? behaviour.request.path).prefix { $0 != "?" }
        try scenario.backend().on(String(path)) { connection, head in
            let request = try connection.finish(head)
            seen.withLock { $0 = request }
            try connection.send(behaviour.service.wire)
            return true
        }
        try scenario.backend("called").on(String(path)) { connection, head in
            let request = try connection.finish(head)
            #expect(request.method == "POST" && request.text == "who" && request["x-asked"] == "yes")
            if case .answers(let answer) = behaviour.called { try connection.send(answer.wire) }
            return true
        }
        let before = scenario.proxy.accessLog(behaviour.request.path, count: 0).count
        let client = try scenario.proxy.connect()
        try client.send(behaviour.request.wire)
        let response = try client.readResponse()
        let entries = scenario.proxy.accessLog(
            behaviour.request.path, count: before + 1)
        behaviour.check(
            Behaviour.Seen(
                forwarded: seen.withLock { $0 }.map(TestRequest.init), response: TestResponse(response),
                details: entries.last?.response_code_details ?? ""))
    }

    @Test("A head that has left cannot be changed any more")
    func lateHeader() throws {
        let scenario = try Scenario.current
        #expect(try scenario.ask("/late").status == 200)
        #expect(eventually { scenario.proxy.log.contains("late: wrongPhase filter=behaviours") })
    }

    @Test("Metrics and log lines reach where operators look")
    func telemetry() throws {
        let scenario = try Scenario.current
        _ = try scenario.ask("/observe")
        #expect(
            try eventually {
                let text = try scenario.proxy.admin("/stats/prometheus").text
                return text.contains("postern_filter_behaviours_bytes_count{filter=\"behaviours\"}")
                    && text.contains("postern_filter_behaviours_total{filter=\"behaviours\"}")
            })
        #expect(eventually { scenario.proxy.log.contains("complete /observe /observe filter=behaviours") })
    }
}

extension TestFields {
    fileprivate var wire: String { self.list.map { "\($0.name): \($0.value)\r\n" }.joined() }

    fileprivate init(_ lines: [String]) {
        self.init()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            self.add(String(parts[0]), String(parts[1].drop { $0 == " " }))
        }
    }
}

/// Framing and body as they are sent: chunks of the parts when there are trailers, else a length.
private func rest(_ body: TestBody, _ trailers: TestFields) -> String {
    guard !trailers.list.isEmpty else { return "content-length: \(body.bytes.count)\r\n\r\n\(body.text)" }
    let chunks = body.parts.map {
        "\(String($0.count, radix: 16))\r\n\(String(decoding: $0, as: UTF8.self))\r\n"
    }
    return "transfer-encoding: chunked\r\n\r\n\(chunks.joined())0\r\n\(trailers.wire)\r\n"
}

extension TestRequest {
    fileprivate var wire: String {
        let head = "\(self.method) \(self.path) HTTP/1.1\r\nhost: \(self.authority)\r\n\(self.headers.wire)"
        return self.body.parts.isEmpty ? "\(head)\r\n" : head + rest(self.body, self.trailers)
    }

    fileprivate init(_ message: RawMessage) {
        self.init(
            message.method, message.target, headers: TestFields(message.fields), body: TestBody(message.text),
            trailers: TestFields(message.trailers))
        self.authority = message["host"] ?? ""
    }
}

extension TestResponse {
    fileprivate var wire: String {
        "HTTP/1.1 \(self.status) Any\r\n\(self.headers.wire)" + rest(self.body, self.trailers)
    }

    fileprivate init(_ message: RawMessage) {
        self.init(
            message.status, headers: TestFields(message.fields), body: TestBody(message.text),
            trailers: TestFields(message.trailers))
    }
}
