internal import GatewayConfig
internal import Primitives

/// A request to the admin endpoint.
struct AdminRequest {
    let method: String
    /// Without the query.
    let path: String
    let query: [String: String]

    init(method: String, target: String) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.path = String(parts[0])
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
        }
        self.query = query
    }

    var wantsJSON: Bool { self.query["format"] == "json" }
}

/// The answer of the admin endpoint.
struct AdminReply {
    var status = 200
    var contentType = "text/plain; charset=utf-8"
    var body: [UInt8]

    static func text(_ text: String, status: Int = 200) -> AdminReply {
        AdminReply(status: status, body: Array(text.utf8))
    }

    static func json(_ node: ConfigNode) -> AdminReply { .json(node.json(indented: true)) }

    static func json(_ text: String) -> AdminReply {
        AdminReply(contentType: "application/json", body: Array((text + "\n").utf8))
    }

    /// What `write` puts into a buffer.
    static func rendered(_ contentType: String, _ write: (ByteBuffer) -> Void) -> AdminReply {
        let buffer = ByteBuffer(capacity: 64 * 1024)
        write(buffer)
        return AdminReply(contentType: contentType, body: buffer.view.bytes)
    }
}

extension ConfigNode {
    static func object(_ members: KeyValuePairs<String, ConfigNode>) -> ConfigNode {
        ConfigNode(.object(members.map { ConfigNode.Member($0.key, $0.value) }))
    }
    static func array(_ elements: [ConfigNode]) -> ConfigNode { ConfigNode(.array(elements)) }
    static func text(_ text: String) -> ConfigNode { ConfigNode(.string(text)) }
    static func number(_ number: Int) -> ConfigNode { ConfigNode(.integer(number)) }
    static func number(_ number: Int?) -> ConfigNode {
        number.map { ConfigNode(.integer($0)) } ?? ConfigNode(.null)
    }
    static func flag(_ flag: Bool) -> ConfigNode { ConfigNode(.bool(flag)) }
    static func text(_ text: String?) -> ConfigNode {
        text.map { ConfigNode(.string($0)) } ?? ConfigNode(.null)
    }
}
