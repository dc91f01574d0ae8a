public import PosternSDK

/// Lets a request pass when a role that allows it is bound to who asks.
public struct RbacAdapter: Adapter {
    /// `config` in the gateway's configuration.
    public struct Config: Decodable, Sendable {
        enum Mode: String, Decodable, Sendable { case enforced, permissive }

        let roles: [Role.Config]
        let bindings: [Binding.Config]
        let mode: Mode?
        let message: String?
        let validDuration: Duration?
    }

    /// The adapter's name in configurations.
    public static let name = "rbac"
    /// The adapter's version.
    public static let version = "0.1.0"
    /// Whether a subject may do something.
    public static let templates: Templates = [.authorization]

    private let roles: [Role]
    private let bindings: [Binding]
    private let isPermissive: Bool
    private let permission: Verdict
    private let refusal: Verdict
    private let refused: HandlerCounter
    private static let help = """
        Checks of requests that no role allows. While a refusal is remembered (validDuration), requests \
        alike are not checked; those of a permissive handler pass, and each is checked and counted.
        """

    /// Compiles the roles, and looks up what the bindings name.
    public init(config: Config, host: borrowing AdapterHost) throws {
        var places: [String: Int] = [:]
        var roles: [Role] = []
        for (index, role) in config.roles.enumerated() {
            guard places.updateValue(index, forKey: role.name) == nil else {
                throw ConfigProblem("/roles/\(index)/name", "'\(role.name)' stands twice")
            }
            roles.append(try Role(role, at: "/roles/\(index)"))
        }
        var bindings: [Binding] = []
        for (index, binding) in config.bindings.enumerated() {
            guard let role = places[binding.role] else {
                throw ConfigProblem("/bindings/\(index)/role", "there is no role '\(binding.role)'")
            }
            bindings.append(try Binding(binding, role: role, at: "/bindings/\(index)"))
        }
        self.roles = roles
        self.bindings = bindings
        self.isPermissive = config.mode == .permissive
        let lifetime = config.validDuration ?? .seconds(60)
        self.permission = .allow(for: lifetime)
        self.refusal = Verdict(
            .permissionDenied, config.message ?? "access denied by role", validFor: lifetime)
        self.refused = try host.counter("rbac_refused_total", help: Self.help)
    }

    /// Looks for a binding of the subject to a role with a rule that allows the action.
    public func check(_ record: Record) throws -> Verdict {
        for binding in self.bindings where binding.isOf(record) {
            if self.roles[binding.role].allows(record) { return self.permission }
        }
        self.refused.add()
        // Not for a while: each that would be refused is to be counted.
        return self.isPermissive ? .allow() : self.refusal
    }
}
