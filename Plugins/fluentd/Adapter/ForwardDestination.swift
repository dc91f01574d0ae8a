internal import Glibc
internal import PluginNet
internal import PluginSupport
internal import PosternSDK

/// Where messages go, and how this client makes itself known.
struct ForwardDestination: Sendable {
    let address: BackendAddress
    let tls: TLSClient?
    let timeout: Duration
    let acknowledges: Bool
    let hostname: String
    /// Nil: the server greets nobody.
    let sharedKey: String?
    let username: String
    let password: String

    init(_ config: Fluentd.Config) throws {
        self.address = try BackendAddress(
            configText: config.address, defaultPort: 24_224, at: "/address")
        self.tls = try config.tls.map { try TLSClient($0) }
        self.timeout = try Duration(timeout: config.timeout)
        self.acknowledges = config.acknowledge ?? true
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        self.hostname =
            config.hostname
            ?? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.sharedKey = config.sharedKey
        guard (config.username == nil) == (config.password == nil) else {
            throw ConfigProblem("", "'username' and 'password' belong together: one is missing")
        }
        if config.username != nil, config.sharedKey == nil {
            throw ConfigProblem("/username", "needs 'sharedKey': servers ask for users in its handshake")
        }
        self.username = config.username ?? ""
        self.password = config.password ?? ""
    }
}
