internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Posts log entries to HTTP servers: as lines or an array of JSON, or as Loki, Elasticsearch and Splunk take
/// them.
public struct HttpLog: Adapter {
    /// What is kept between reports.
    public struct State {
        var client: HTTPClient
        let pieces: PieceWriter
    }

    public static let name = "http-log"
    public static let version = "0.1.0"
    public static let templates: Templates = [.logEntry]

    /// Refusals of one batch after which no part is halved any more.
    private static let patience = 64

    private let endpoint: LogEndpoint
    private let log: Log

    public init(config: Config, host: borrowing AdapterHost) throws {
        self.endpoint = try LogEndpoint(config)
        self.log = host.log
    }

    public func makeState() -> State {
        State(
            client: HTTPClient(
                self.endpoint.url, tls: self.endpoint.tls, timeout: self.endpoint.timeout, limit: 16 << 20),
            pieces: PieceWriter(self.endpoint.format, self.endpoint.line, log: self.log))
    }

    /// Requests of at most `maxBody` bytes. Where a server refuses one, it is halved until the record that it
    /// cannot take is found.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        state.pieces.begin()
        for index in 0..<batch.count { state.pieces.append(batch[index]) }
        var waiting = self.parts(state.pieces)
        var isDecided = false
        var refusals = 0
        while let part = waiting.popLast() {
            do throws(NetError) {
                switch try self.post(part, &state) {
                case .taken: break
                case .judged(let again, let refused, let why):
                    for index in again { batch.giveAgain(index) }
                    for index in refused { batch.refuse(index) }
                    self.log(.warning, "\(self.endpoint.url.address): \(why)")
                case .unfit(let why, let culprit):
                    refusals += 1
                    if let culprit {
                        batch.refuse(culprit)
                        self.log(.error, "\(self.endpoint.url.address): refuses a record: \(why)")
                        waiting.append(part.filter { $0 != culprit }[...])
                    } else if part.count > 1, refusals <= Self.patience {
                        let half = part.startIndex + part.count / 2
                        waiting.append(part[half...])
                        waiting.append(part[..<half])
                        continue
                    } else {
                        for index in part { batch.refuse(index) }
                        self.log(
                            .error, "\(self.endpoint.url.address): refuses \(part.count) records: \(why)")
                    }
                }
                isDecided = true
            } catch {
                guard isDecided else { throw ReportFailure(error.message, retryAfter: error.retryAfter) }
                for index in part { batch.giveAgain(index, after: error.retryAfter) }
                for rest in waiting { for index in rest { batch.giveAgain(index) } }
                return self.log(.warning, "\(error)")
            }
        }
    }

    /// Records in parts whose bodies are not too large, the first ones last.
    private func parts(_ pieces: borrowing PieceWriter) -> [ArraySlice<Int>] {
        let all = Array(0..<pieces.count)
        var parts: [ArraySlice<Int>] = []
        var start = 0
        var size = 0
        for index in all {
            size += pieces.size(index)
            if size > self.endpoint.maxBody, index > start {
                parts.append(all[start..<index])
                start = index
                size = pieces.size(index)
            }
        }
        if start < all.count { parts.append(all[start...]) }
        return parts.reversed()
    }

    private func post(_ part: ArraySlice<Int>, _ state: inout State) throws(NetError) -> Judgement {
        let answer = try state.client.send(
            "POST", fields: self.endpoint.fields, body: state.pieces.body(part))
        return try Judgement(answer, of: part, self.endpoint)
    }
}
