internal import PluginSupport
public import PosternSDK

/// Lets only requests from certain networks pass, or all but those from others.
public struct IpRestriction: HTTPFilter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        let allow: [String]?
        let deny: [String]?
        let allowFrom: String?
        let denyFrom: String?
        let `default`: String?
        let by: String?
        let status: Int?
        let message: String?
    }

    /// The plugin's name in configurations.
    public static let name = "ip-restriction"
    /// The plugin's version.
    public static let version = "0.1.0"

    private let allowed: AddressSet
    private let denied: AddressSet
    /// Whether an address of neither list passes.
    private let allowsOthers: Bool
    private let address: Attribute
    private let status: Int
    private let message: String
    private let refused: Counter

    /// Reads the networks.
    public init(config: Config, host: borrowing FilterHost) throws {
        self.allowed = try AddressSet(
            config.allow ?? [], at: "/allow", text: config.allowFrom, at: "/allowFrom")
        self.denied = try AddressSet(config.deny ?? [], at: "/deny", text: config.denyFrom, at: "/denyFrom")
        let hasAllowed = config.allow != nil || config.allowFrom != nil
        if !hasAllowed, config.deny == nil, config.denyFrom == nil {
            throw ConfigProblem("", "restricts nothing: give allow, deny, allowFrom or denyFrom")
        }
        // An empty list of the allowed allows nobody; that it means everybody would surprise.
        self.allowsOthers = config.default.map { $0 == "allow" } ?? !hasAllowed
        self.address = try host.attribute(config.by ?? "source.address", at: "/by")
        self.status = config.status ?? 403
        guard (400...599).contains(self.status) else {
            throw ConfigProblem("/status", "must be 400...599, got \(self.status)")
        }
        self.message = config.message ?? "this address is not allowed\n"
        self.refused = try host.counter(
            "ip_restriction_refused_total", help: "Requests from addresses that are not allowed.")
    }

    /// Looks the address up; a denied one is denied though it is allowed, too.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout Void, endOfStream: Bool
    ) throws -> FilterAction {
        let passes: Bool
        // What is no address (that of a client at a Unix socket, or nonsense of a trusted hop) is in no list.
        if let text = request.attribute(self.address), let address = IPAddress(text) {
            passes =
                !self.denied.contains(address) && (self.allowsOthers || self.allowed.contains(address))
        } else {
            passes = self.allowsOthers
        }
        if passes { return .continue }
        request.add(to: self.refused)
        return try request.respond(
            status: self.status, body: self.message, details: "ip_restriction_refused")
    }
}
