internal import PluginSupport
internal import PosternSDK

/// Where the server is, and who comes.
struct SessionSettings: Sendable {
    /// For messages.
    let address: String
    /// Names and values of libpq.
    let parameters: [(name: String, value: String)]
    let milliseconds: Int32

    init(_ config: Postgres.Config) throws(ConfigProblem) {
        self.address = config.address
        let timeout = try Duration(timeout: config.timeout).components
        self.milliseconds = Int32(
            clamping: timeout.seconds * 1000 + timeout.attoseconds / 1_000_000_000_000_000)
        let (host, port) = try Self.place(config.address)
        let mode = config.sslMode ?? "prefer"
        guard ["disable", "prefer", "require", "verify-ca", "verify-full"].contains(mode) else {
            throw ConfigProblem(
                "/sslMode", "must be disable, prefer, require, verify-ca or verify-full, got '\(mode)'")
        }
        if let path = config.sslRootCert, !path.hasPrefix("/") {
            throw ConfigProblem("/sslRootCert", "must be an absolute path, got '\(path)'")
        }
        var parameters: [(name: String, value: String)] = [
            ("host", host), ("port", port), ("dbname", config.database ?? "postern"),
            ("user", config.username ?? "postern"), ("application_name", "postern"), ("sslmode", mode),
            ("client_encoding", "UTF8"),
            // What the server has not done in time it should not do later.
            ("options", "-c statement_timeout=\(self.milliseconds) -c timezone=UTC"),
        ]
        if let password = config.password { parameters.append(("password", password)) }
        if let path = config.sslRootCert { parameters.append(("sslrootcert", path)) }
        for (name, value) in parameters where value.utf8.contains(0) {
            throw ConfigProblem("", "the value for '\(name)' holds a zero byte")
        }
        self.parameters = parameters
    }

    /// Host and port of `HOST[:PORT]`, `[IPV6][:PORT]` or `unix:/FOLDER`, where the server's socket is.
    private static func place(_ text: String) throws(ConfigProblem) -> (String, String) {
        if text.hasPrefix("unix:/") { return (String(text.dropFirst(5)), "5432") }
        var host = Substring(text)
        var port = "5432"
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]"),
            text.hasPrefix("[") || text.firstIndex(of: ":") == colon
        {
            host = text[..<colon]
            port = String(text[text.index(after: colon)...])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(","), !host.hasPrefix("/"), UInt16(port).map({ $0 > 0 }) == true,
            port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else {
            throw ConfigProblem(
                "/address", "must be HOST[:PORT], [IPV6][:PORT] or unix:/FOLDER, got '\(text)'")
        }
        return (String(host), port)
    }
}
