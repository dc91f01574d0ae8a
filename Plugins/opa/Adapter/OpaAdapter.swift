internal import PluginNet
internal import PluginSupport
public import PosternSDK

/// Asks an Open Policy Agent whether a request may pass.
public struct OpaAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let url: String
        let headers: [String: String]?
        let message: String?
        let validDuration: Duration?
        let tls: TLSConfig?
        let timeout: String?
    }

    /// The adapter's name in configurations.
    public static let name = "opa"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Whether a subject may do something.
    public static let templates: Templates = [.authorization]
    /// It waits for an answer.
    public static let isBlocking = true

    private let clients: ClientPool
    private let fields: [(name: String, value: String)]
    private let message: String
    private let lifetime: Duration

    /// Checks the URL; connects to nothing.
    public init(config: Config, host: borrowing AdapterHost) throws {
        let url = try HTTPURL(configText: config.url, at: "/url")
        guard url.target != "/" else {
            throw ConfigProblem("/url", "must name the document, as http://host:8181/v1/data/gateway/allow")
        }
        let tls = url.isSecure ? try TLSClient(config.tls ?? TLSConfig()) : nil
        let timeout = try Duration(timeout: config.timeout)
        self.clients = ClientPool { HTTPClient(url, tls: tls, timeout: timeout) }
        self.fields =
            [("content-type", "application/json")]
            + (try requestFields(config.headers ?? [:], at: "/headers"))
        self.message = config.message ?? "access denied by policy"
        self.lifetime = config.validDuration ?? .zero
    }

    /// Sends the subject and the action as `input`, and reads `result`.
    ///
    /// - Throws: ``NetError``, or ``NoAnswer``: what the rule says of failures happens.
    public func check(_ record: Record) throws -> Verdict {
        let (body, timeLeft) = (OpaInput.json(record), record.timeLeft)
        let answer = try self.clients.send { client throws(NetError) in
            try client.send("POST", fields: self.fields, body: body, within: timeLeft)
        }
        guard answer.status == 200 else { throw NoAnswer(reason: "it answered \(answer.status)") }
        guard let result = try? JSONValue(parsing: answer.body)["result"] else {
            throw NoAnswer(reason: "the document is undefined")
        }
        return try self.verdict(result)
    }

    /// True and false, or an object with `allow` and, if it likes, `message`.
    private func verdict(_ result: JSONValue) throws(NoAnswer) -> Verdict {
        let isAllowed: Bool
        if case .bool(let flag) = result {
            isAllowed = flag
        } else if case .bool(let flag)? = result["allow"] {
            isAllowed = flag
        } else {
            throw NoAnswer(
                reason: "the document is \(result.kind), not true, false or an object with 'allow'")
        }
        if isAllowed { return .allow(for: self.lifetime) }
        return Verdict(
            .permissionDenied, result["message"]?.text ?? self.message, validFor: self.lifetime)
    }
}

/// The agent said nothing that decides.
struct NoAnswer: Error, CustomStringConvertible {
    let reason: String
    var description: String { self.reason }
}
