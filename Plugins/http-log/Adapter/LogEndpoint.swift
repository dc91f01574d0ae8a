internal import PluginNet
internal import PluginSupport
internal import PosternSDK

/// Where records are posted, and in which form.
struct LogEndpoint: Sendable {
    let url: HTTPURL
    let tls: TLSClient?
    let timeout: Duration
    let fields: [(name: String, value: String)]
    let maxBody: Int
    let format: BodyFormat
    let line: LineFormat

    init(_ config: HttpLog.Config) throws {
        self.format = try BodyFormat(config)
        self.line = try config.lines.lineFormat()
        if case .text = self.line, self.format.needsJSON {
            throw ConfigProblem("/format", "must be json with 'shape: \(config.shape ?? "lines")'")
        }
        let url = try HTTPURL(configText: config.url, at: "/url")
        if url.target == "/", let path = self.format.path {
            self.url = try HTTPURL(
                configText: "\(url.isSecure ? "https" : "http")://\(url.authority)\(path)", at: "/url")
        } else {
            self.url = url
        }
        guard config.tls == nil || url.isSecure else {
            throw ConfigProblem("/tls", "needs a URL with https")
        }
        self.tls = url.isSecure ? try TLSClient(config.tls ?? TLSConfig()) : nil
        self.timeout = try Duration(timeout: config.timeout)
        self.maxBody = config.maxBody?.bytes ?? 1 << 20
        guard self.maxBody >= 1024 else {
            throw ConfigProblem("/maxBody", "must be at least 1KiB, got \(ByteCount(bytes: self.maxBody))")
        }
        var fields = [(name: "Content-Type", value: self.format.contentType)]
        if let authorization = config.authorization {
            guard Self.isFieldValue(authorization) else {
                throw ConfigProblem("/authorization", "must be visible ASCII characters and spaces")
            }
            fields.append(("Authorization", authorization))
        }
        for (index, header) in (config.headers ?? []).enumerated() {
            guard Self.isFieldName(header.name) else {
                throw ConfigProblem("/headers/\(index)/name", "'\(header.name)' is no header name")
            }
            guard !Self.own.contains(header.name.lowercased()) else {
                throw ConfigProblem("/headers/\(index)/name", "'\(header.name)' is set by the adapter itself")
            }
            guard Self.isFieldValue(header.value) else {
                throw ConfigProblem("/headers/\(index)/value", "must be visible ASCII characters and spaces")
            }
            fields.append((header.name, header.value))
        }
        self.fields = fields
    }

    private static let own: Set = [
        "content-type", "content-length", "transfer-encoding", "connection", "host", "authorization",
    ]

    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.hasPrefix(" ") && !text.hasSuffix(" ")
            && !text.isEmpty
    }

    private static func isFieldName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
                    || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }
}
