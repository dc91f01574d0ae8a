internal import PluginSupport
internal import PosternSDK

/// What bodies look like.
enum BodyFormat: Sendable {
    /// An object a line.
    case lines
    /// Objects in an array.
    case array
    /// Streams by labels: those of the configuration, as members of an object, and columns.
    case loki(labels: [UInt8], columns: [String])
    /// Bulk actions: what stands before the index's date or its end, whether a date does, and what follows.
    case elasticsearch(before: [UInt8], isDated: Bool, after: [UInt8])
    /// Events with what stands before the time's end and the event.
    case splunk(members: [UInt8])

    init(_ config: HttpLog.Config) throws(ConfigProblem) {
        let shape = config.shape ?? "lines"
        for (key, isThere) in [
            ("loki", config.loki != nil), ("elasticsearch", config.elasticsearch != nil),
            ("splunk", config.splunk != nil),
        ] where isThere && key != shape {
            throw ConfigProblem("/\(key)", "is of 'shape: \(key)' only")
        }
        switch shape {
        case "lines": self = .lines
        case "array": self = .array
        case "loki": self = try Self.loki(config.loki)
        case "elasticsearch": self = try Self.elasticsearch(config.elasticsearch)
        case "splunk":
            var members: [UInt8] = []
            let splunk = config.splunk
            for (key, value) in [
                ("index", splunk?.index), ("source", splunk?.source), ("host", splunk?.host),
                ("sourcetype", splunk?.sourcetype ?? "_json"),
            ] {
                guard let value else { continue }
                members += Array(",\"\(key)\":".utf8)
                members.append(jsonString: Array(value.utf8).span)
            }
            self = .splunk(members: members)
        default:
            throw ConfigProblem(
                "/shape", "must be lines, array, loki, elasticsearch or splunk, got '\(shape)'")
        }
    }

    private static func loki(_ config: HttpLog.Config.Loki?) throws(ConfigProblem) -> BodyFormat {
        let labels = config?.labels ?? ["job": "postern"]
        let columns = config?.columns ?? []
        for name in labels.keys where !Self.isLabel(name) {
            throw ConfigProblem("/loki/labels", "'\(name)' must match [a-zA-Z_][a-zA-Z0-9_]*")
        }
        for name in columns where !Self.isLabel(name) {
            throw ConfigProblem("/loki/columns", "'\(name)' must match [a-zA-Z_][a-zA-Z0-9_]* to be a label")
        }
        guard !labels.isEmpty else { throw ConfigProblem("/loki/labels", "must have one label or more") }
        var members: [UInt8] = []
        for (index, (name, value)) in labels.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { members.append(0x2C) }
            members += Array("\"\(name)\":".utf8)
            members.append(jsonString: Array(value.utf8).span)
        }
        return .loki(labels: members, columns: columns)
    }

    private static func elasticsearch(
        _ config: HttpLog.Config.Elasticsearch?
    ) throws(ConfigProblem) -> BodyFormat {
        let operation = config?.operation ?? "create"
        guard ["create", "index"].contains(operation) else {
            throw ConfigProblem("/elasticsearch/operation", "must be create or index, got '\(operation)'")
        }
        let index = config?.index ?? "postern"
        let parts = index.split(separator: "{date}", omittingEmptySubsequences: false)
        let isName = parts.joined().utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
        }
        guard parts.count <= 2, isName, !index.isEmpty, !["-", "_", "."].contains(index.prefix(1)) else {
            throw ConfigProblem(
                "/elasticsearch/index",
                "must be lower-case letters, digits and - _ . with '{date}' at most once, got '\(index)'")
        }
        return .elasticsearch(
            before: Array("{\"\(operation)\":{\"_index\":\"\(parts[0])".utf8), isDated: parts.count == 2,
            after: Array("\(parts.count == 2 ? parts[1] : "")\"}}\n".utf8))
    }

    private static func isLabel(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.enumerated().allSatisfy { index, byte in
                byte == 0x5F || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
                    || (index > 0 && byte >= 0x30 && byte <= 0x39)
            }
    }

    /// Whether a record has to be an object.
    var needsJSON: Bool {
        switch self {
        case .lines, .array, .elasticsearch: true
        case .loki, .splunk: false
        }
    }

    /// Where servers take it; nil when anywhere.
    var path: String? {
        switch self {
        case .lines, .array: nil
        case .loki: "/loki/api/v1/push"
        case .elasticsearch: "/_bulk?filter_path=errors,items.*.status,items.*.error.reason"
        case .splunk: "/services/collector/event"
        }
    }

    var contentType: String {
        switch self {
        case .lines, .elasticsearch: "application/x-ndjson"
        case .array, .loki, .splunk: "application/json"
        }
    }
}
