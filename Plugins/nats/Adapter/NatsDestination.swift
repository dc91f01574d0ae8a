internal import PluginNet
internal import PluginSupport
internal import PosternSDK

/// Where messages go, and what the client says of itself.
struct NatsDestination: Sendable {
    let address: BackendAddress
    let tls: TLSClient?
    let timeout: Duration
    /// `CONNECT {…}` with its line end; has the secrets.
    let greeting: [UInt8]

    init(_ config: Nats.Config) throws {
        self.address = try BackendAddress(configText: config.address, defaultPort: 4222, at: "/address")
        self.tls = try config.tls.map { try TLSClient($0) }
        self.timeout = try Duration(timeout: config.timeout)
        guard (config.username == nil) == (config.password == nil) else {
            throw ConfigProblem("", "'username' and 'password' belong together: one is missing")
        }
        if config.token != nil, config.username != nil {
            throw ConfigProblem("/token", "and 'username' exclude each other")
        }
        var text = Array(
            #"CONNECT {"verbose":false,"pedantic":false,"lang":"swift","version":"0.1.0","protocol":1,"#.utf8)
        text += Array(#""headers":true,"no_responders":true,"echo":false,"tls_required":"#.utf8)
        text += Array((self.tls == nil ? "false" : "true").utf8)
        for (key, value) in [
            ("name", config.name ?? "postern"), ("user", config.username), ("pass", config.password),
            ("auth_token", config.token),
        ] {
            guard let value else { continue }
            text += Array(",\"\(key)\":".utf8)
            text.append(jsonString: Array(value.utf8).span)
        }
        self.greeting = text + Array("}\r\n".utf8)
    }
}
