public import PosternSDK

/// Lets only requests with a known API key pass, and tells the service whose it was.
public struct KeyAuth: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        struct Key: Decodable, Sendable {
            let name: String
            let key: String
        }

        let header: String?
        let keys: [Key]
        let consumerHeader: String?
        let hideCredentials: Bool?
    }

    /// The plugin's name in configurations.
    public static let name = "key-auth"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let header: HeaderName
    private let consumerHeader: HeaderName
    private let hidesCredentials: Bool
    private let keys: KeySet
    private let refused: Counter

    /// Checks the names and that no key stands twice.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.header = try host.headerName(config.header ?? "x-api-key", at: "/header")
        self.consumerHeader = try host.headerName(
            config.consumerHeader ?? "x-consumer", at: "/consumerHeader")
        if self.header == self.consumerHeader {
            throw ConfigProblem("/consumerHeader", "must not be the header that carries the key")
        }
        self.hidesCredentials = config.hideCredentials ?? true
        self.keys = try KeySet(config.keys.map { (name: $0.name, key: $0.key) })
        self.refused = try host.counter("key_auth_refused_total", help: "Requests without a known API key.")
    }

    /// Looks the key up; 401 without one.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        let consumer: Int?
        // The view of the key ends with this scope, so that the request can be changed after it.
        if let key = request.header(self.header) {
            consumer = self.keys.consumer(of: key)
        } else {
            return try self.refuse(&request, "no API key\n", details: "key_auth_no_key")
        }
        guard let consumer else {
            return try self.refuse(
                &request, "this API key is not accepted\n", details: "key_auth_unknown_key")
        }
        if self.hidesCredentials { request.removeHeader(self.header) }
        let name = self.keys.names[consumer]
        try request.setHeader(self.consumerHeader, name.span)
        return .continue
    }

    private func refuse(
        _ request: inout RequestHead, _ body: String, details: String
    ) throws -> FilterAction {
        request.add(to: self.refused)
        return try request.respond(
            status: 401, headers: [("www-authenticate", "Key realm=\"postern\"")], body: body,
            details: details
        )
    }
}
