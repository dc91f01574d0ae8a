internal import Glibc
internal import PluginSupport
internal import PosternSDK

/// What messages have in common.
struct MessageFormat: Sendable {
    /// Of `facility`, in the order of their numbers.
    static let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
        "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5",
        "local6", "local7",
    ]

    let facility: Int
    /// ` HOSTNAME APP-NAME PROCID `, as it stands in a message.
    let origin: [UInt8]
    let structuredData: (id: String, columns: [String])?
    let line: LineFormat
    let maxSize: Int

    init(_ config: Syslog.Config) throws(ConfigProblem) {
        let facility = config.facility ?? "local0"
        guard let number = Self.facilities.firstIndex(of: facility) else {
            throw ConfigProblem(
                "/facility", "must be one of \(Self.facilities.joined(separator: ", ")), got '\(facility)'")
        }
        self.facility = number
        let hostname = try Self.name(config.hostname, "/hostname", 255) ?? Self.hostname
        let appName = try Self.name(config.appName, "/appName", 48) ?? "postern"
        self.origin = Array(" \(hostname) \(appName) \(getpid()) ".utf8)
        if let data = config.structuredData {
            guard Self.isName(data.id, 32), !data.columns.isEmpty else {
                throw ConfigProblem(
                    "/structuredData/id",
                    "must be up to 32 visible characters but = ] \" such as 'request@32473', got '\(data.id)'"
                )
            }
            self.structuredData = (data.id, data.columns)
        } else {
            self.structuredData = nil
        }
        self.line = try config.lines.lineFormat()
        self.maxSize = config.maxSize?.bytes ?? 8192
        guard (480...65_507).contains(self.maxSize) else {
            throw ConfigProblem(
                "/maxSize", "must be 480B...65507B, got \(config.maxSize.map { "\($0)" } ?? "")")
        }
    }

    /// SD-NAME of RFC 5424.
    static func isName(_ text: String, _ limit: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= limit
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3D && $0 != 0x5D && $0 != 0x22 }
    }

    private static func name(_ text: String?, _ pointer: String, _ limit: Int) throws(ConfigProblem)
        -> String?
    {
        guard let text else { return nil }
        guard !text.isEmpty, text.utf8.count <= limit, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ConfigProblem(pointer, "must be 1...\(limit) visible ASCII characters, got '\(text)'")
        }
        return text
    }

    private static var hostname: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "-" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.filter { $0 > 0x20 && $0 < 0x7F }
        return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }
}
