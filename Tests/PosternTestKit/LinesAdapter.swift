internal import PosternSDK

/// An adapter that uses all that the SDK offers to adapters.
struct LinesAdapter: Adapter {
    struct Config: Decodable, Sendable { var limit: Int }
    struct State { var lines: [String] = []; var ticks = 0 }
    static let name = "lines"
    static let version = "1.0.0"
    static let schema = "{}"
    static let templates: Templates = [.logEntry, .listEntry, .quota, .attributes, .metric]
    static let outputs = [OutputColumn("upper", .string), OutputColumn("length", .int64)]
    let limit: Int
    let log: Log
    let lost: HandlerCounter
    let host: HandlerHost
    init(config: Config, host: borrowing AdapterHost) throws {
        if config.limit < 1 { throw ConfigProblem("/limit", "must be at least 1, got \(config.limit)") }
        self.limit = config.limit
        self.log = host.log
        self.lost = try host.counter("lines_lost_total", help: "Lost lines.")
        self.host = host.handler
    }
    func makeState() -> State { State() }
    func report(_ batch: borrowing Batch, _ state: inout State) throws {
        if batch.isLast { throw ConfigProblem("", "the disk is full") }
        for index in 0..<batch.count {
            let record = batch[index]
            if record.count > self.limit { batch.refuse(index); self.lost.add(); continue }
            var line: [UInt8] = []
            record.appendJSON(to: &line, names: record.shape.jsonNames)
            self.log(.info, String(decoding: line, as: UTF8.self))
            state.lines.append(record.text(0) ?? "-")
        }
    }
    func tick(_ state: inout State) {
        var count = 0
        self.host.collect { record in if (record.series?.value ?? 0) > 0 { count += 1 } }
        self.log(.info, "\(state.lines.count) lines, \(count) series")
    }
    func check(_ record: Record) throws -> Verdict {
        record.text(named: "value") == "good"
            ? .allow(for: .seconds(5)) : Verdict(.permissionDenied, "not in the list")
    }
    func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        QuotaGrant(min(request.amount, self.limit), validFor: .seconds(1))
    }
    func generate(_ record: Record, _ outputs: inout Outputs) throws {
        guard let text = record.text(0) else { return }
        outputs.set(0, text.uppercased())
        outputs.set(1, Int64(text.utf8.count))
    }
}
