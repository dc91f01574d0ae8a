import PosternSDK

struct AskFirst: HTTPFilter {
    struct Config: Decodable, Sendable {
        let service: String
        let timeout: Duration?
    }

    static let name = "ask-first"
    static let version = "1.0.0"
    static let schema = """
        { "type": "object", "required": ["service"], "additionalProperties": false, "properties": {
            "service": { "type": "string", "minLength": 1 },
            "timeout": { "type": "string", "pattern": "^[0-9]+(ms|s)$" } } }
        """

    let service: Service
    let timeout: Duration
    let denied, failed: Counter
    let milliseconds: Histogram
    let log: Log

    init(config: Config, host: borrowing FilterHost) throws {
        self.service = try host.service(config.service, at: "/service")
        self.timeout = config.timeout ?? .milliseconds(250)
        if self.timeout > .seconds(10) { throw ConfigProblem("/timeout", "must be at most 10s") }
        self.denied = try host.counter("ask_first_denied_total", help: "Requests that the service refused.")
        self.failed = try host.counter("ask_first_failed_total", help: "Requests without an answer.")
        self.milliseconds = try host.histogram(
            "ask_first_milliseconds", help: "Time to an answer.", bounds: [1, 5, 25, 100, 250, 1000])
        self.log = host.log
    }

    func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        let asked = Callout(
            to: self.service, path: "/may?path=\(String(request.path))",
            headers: [("x-user", request.text(named: "x-user") ?? "")], timeout: self.timeout)
        let start = request.now()
        try request.call(asked) { stream, result in
            let waited = (stream.now() - start).components
            stream.observe(
                UInt64(waited.seconds * 1000 + waited.attoseconds / 1_000_000_000_000_000),
                in: self.milliseconds)
            switch result {
            case .success(let answer) where answer.status == 200:
                stream.resume(.request)
            case .success:
                stream.add(to: self.denied)
                _ = try? stream.respond(status: 403, body: "not for you\n", details: "ask_first_denied")
            case .failure(let failure):
                stream.add(to: self.failed)
                self.log(.warning, "no decision: \(failure)")
                _ = try? stream.respond(status: 503, details: "ask_first_no_answer")
            }
        }
        return .pause
    }
}
