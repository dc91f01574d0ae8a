public import CPosternABI
public import PosternSDK

public struct MiniKeyAuth: HTTPFilter {
    public struct Config: Decodable, Sendable { let keys: [String: String] }

    public static let name = "mini-key-auth"
    public static let version = "1.0.0"
    public static let schema = """
        { "type": "object", "required": ["keys"], "additionalProperties": false, "properties": { "keys": {
            "type": "object",
            "additionalProperties": { "type": "string", "minLength": 1, "writeOnly": true } } } }
        """

    private let consumers: [String: String]
    private let consumer: HeaderName

    public init(config: Config, host: borrowing FilterHost) throws {
        self.consumers = Dictionary(config.keys.map { ($0.value, $0.key) }) { first, _ in first }
        if self.consumers.count < config.keys.count { throw ConfigProblem("/keys", "two have the same key") }
        self.consumer = try host.headerName("x-consumer")
    }

    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        guard let key = request.text(.xAPIKey), let name = self.consumers[key] else {
            return try request.respond(status: 401, body: "an API key is needed\n", details: "no_key")
        }
        request.removeHeader(.xAPIKey)
        try request.setHeader(self.consumer, name)
        return .continue
    }
}

@c(postern_plugin_entry_v1)
public func entry(_ host: UnsafePointer<postern_host>?) -> UnsafePointer<postern_plugin>? {
    PluginEntry<MiniKeyAuth>.table(host)
}
