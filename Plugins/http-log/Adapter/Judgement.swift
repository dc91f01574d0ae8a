internal import PluginNet
internal import PosternSDK

/// What a server's answer says of the records of a request.
enum Judgement {
    /// All were taken.
    case taken
    /// Some were not: those to come again, and those that never will be.
    case judged(again: [Int], refused: [Int], why: String)
    /// There is something in the request that the server will never take.
    ///
    /// - culprit: The record that it is, where the server says so.
    case unfit(String, culprit: Int?)

    /// - Throws: ``NetError``: none was taken, and the same may be taken later.
    init(_ answer: HTTPAnswer, of part: ArraySlice<Int>, _ endpoint: LogEndpoint) throws(NetError) {
        let status = "HTTP status \(answer.status) \(answer.excerpt())"
        switch answer.status {
        case 200..<300:
            guard case .elasticsearch = endpoint.format else {
                self = .taken
                return
            }
            self = try Self.bulk(answer, part, endpoint)
        case 400, 413, 422:
            var culprit: Int?
            if case .splunk = endpoint.format, let number = Self.culprit(answer), number < part.count {
                culprit = part[part.startIndex + number]
            }
            self = .unfit(status, culprit: culprit)
        default:
            throw NetError(
                .malformed, endpoint.url.address, status, retryAfter: answer.retryAfter ?? .zero)
        }
    }

    /// The event that Splunk does not understand.
    private static func culprit(_ answer: HTTPAnswer) -> Int? {
        (try? JSONValue(parsing: answer.body))?["invalid-event-number"]?.number.flatMap {
            $0 >= 0 && $0 < 1e9 ? Int($0) : nil
        }
    }

    /// What became of each action of a bulk request.
    private static func bulk(
        _ answer: HTTPAnswer, _ part: ArraySlice<Int>, _ endpoint: LogEndpoint
    ) throws(NetError) -> Judgement {
        guard let body = try? JSONValue(parsing: answer.body), case .bool(let hasErrors) = body["errors"]
        else {
            throw NetError(.malformed, endpoint.url.address, "answers a bulk request with no 'errors'")
        }
        if !hasErrors { return .taken }
        guard case .array(let items) = body["items"], items.count == part.count else {
            throw NetError(.malformed, endpoint.url.address, "answers a bulk request with other items")
        }
        var again: [Int] = []
        var refused: [Int] = []
        var reasons: Set<String> = []
        for (index, item) in zip(part, items) {
            guard case .object(let members) = item, let result = members.first?.value,
                let status = result["status"]?.number.flatMap({ Int(exactly: $0) })
            else { throw NetError(.malformed, endpoint.url.address, "answers an action with no 'status'") }
            // 409: it is there already.
            if (200..<300).contains(status) || status == 409 { continue }
            if status == 429 || status >= 500 { again.append(index) } else { refused.append(index) }
            reasons.insert("\(status) \(result["error"]?["reason"]?.text?.prefix(200) ?? "")")
        }
        if again.isEmpty, refused.isEmpty { return .taken }
        let why = reasons.sorted().prefix(3).joined(separator: "; ")
        if again.count == part.count { throw NetError(.malformed, endpoint.url.address, why) }
        return .judged(
            again: again, refused: refused,
            why: "\(again.count) records are to come again, \(refused.count) are refused: \(why)")
    }
}
