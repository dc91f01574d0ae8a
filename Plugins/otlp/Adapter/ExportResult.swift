internal import PluginNet
internal import PosternSDK

/// What became of a request, as the OTLP specification (1.x, "OTLP/HTTP Response", "Failures") judges it.
package enum ExportResult: Equatable, Sendable {
    /// Taken but for some, which must not come again.
    case taken(rejected: Int, message: String)
    /// Come again, after so many seconds if the collector says so.
    case again(message: String, after: Duration?)
    /// Never.
    case refused(message: String)

    /// - Parameter body: ExportLogsServiceResponse or its like: 1, partial success: 1 rejected, 2 message.
    private static func taken(_ body: [UInt8]) -> ExportResult {
        let partial = ProtobufReader.data(1, of: body)
        let message = String(decoding: ProtobufReader.data(2, of: partial), as: UTF8.self)
        return .taken(rejected: Int(max(ProtobufReader.number(1, of: partial), 0)), message: message)
    }

    init(_ answer: HTTPAnswer) {
        switch answer.status {
        case 200..<300: self = Self.taken(answer.body)
        case 429, 502, 503, 504:
            self = .again(message: "it answered \(answer.status)", after: answer.retryAfter)
        default:
            // The body is google.rpc.Status: 2, a message.
            let told = String(decoding: ProtobufReader.data(2, of: answer.body), as: UTF8.self)
            self = .refused(
                message: "it answered \(answer.status)\(told.isEmpty ? "" : ": \(told.prefix(200))")")
        }
    }

    init(_ answer: GRPCClient.Answer) {
        guard let status = answer.status else {
            switch answer.httpStatus {
            case 0, 200: self = .again(message: "no gRPC status", after: nil)
            case 429, 502, 503, 504:
                self = .again(message: "it answered \(answer.httpStatus) without a gRPC status", after: nil)
            default: self = .refused(message: "it answered \(answer.httpStatus) without a gRPC status")
            }
            return
        }
        self.init(status: status, message: answer.message, details: answer.details, body: answer.body)
    }

    package init(status: Int, message: String, details: String, body: [UInt8]) {
        let text = "gRPC status \(status)\(message.isEmpty ? "" : ": \(message.prefix(200))")"
        let delay = Self.delay(details)
        switch status {
        case 0: self = Self.taken(body)
        case 1, 4, 10, 11, 14, 15: self = .again(message: text, after: delay)
        // An exhausted resource comes back only when the collector says so.
        case 8 where delay != nil: self = .again(message: text, after: delay)
        default: self = .refused(message: text)
        }
    }

    /// `retry_delay` of a google.rpc.RetryInfo among the details of a google.rpc.Status.
    private static func delay(_ details: String) -> Duration? {
        // gRPC leaves the padding out.
        let text = details + String(repeating: "=", count: (4 - details.utf8.count % 4) % 4)
        let bytes = Array((details.hasSuffix("=") ? details : text).utf8)
        guard !details.isEmpty, let status = Base64.decode(bytes.span) else { return nil }
        var reader = ProtobufReader(status)
        while let (field, value) = reader.next() {
            guard field == 3, case .data(let any) = value,
                String(decoding: ProtobufReader.data(1, of: any), as: UTF8.self)
                    .hasSuffix("/google.rpc.RetryInfo")
            else { continue }
            let delay = ProtobufReader.data(1, of: ProtobufReader.data(2, of: any))
            // A day is longer than any adapter is left alone for; the sum of what is sent may be no Duration.
            let seconds = min(max(ProtobufReader.number(1, of: delay), 0), 86_400)
            let nanoseconds = min(max(ProtobufReader.number(2, of: delay), 0), 999_999_999)
            return .seconds(seconds) + .nanoseconds(nanoseconds)
        }
        return nil
    }
}
