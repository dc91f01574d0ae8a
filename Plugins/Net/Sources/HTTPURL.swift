public import PosternSDK

/// `http://host:port/path?query` or `https://…`.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `https`.
    public let isSecure: Bool
    /// Where to connect.
    public let address: BackendAddress
    /// For the `Host` header.
    public let authority: String
    /// Path and query; begins with `/`.
    public let target: String

    /// - Returns: nil when malformed: user and password, a fragment, spaces and the like are not allowed.
    public init?(_ text: String) {
        let scheme: Int
        if text.hasPrefix("http://") {
            scheme = 7
        } else if text.hasPrefix("https://") {
            scheme = 8
        } else {
            return nil
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }) else { return nil }
        let rest = text.dropFirst(scheme)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        self.isSecure = scheme == 8
        guard let address = BackendAddress(String(authority), defaultPort: self.isSecure ? 443 : 80),
            address.host != nil
        else { return nil }
        self.address = address
        self.authority = String(authority)
        let target = rest[authority.endIndex...]
        self.target = target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// As ``init(_:)``.
    ///
    /// - Throws: ``ConfigProblem`` at `pointer` that says what is allowed.
    public init(configText text: String, at pointer: String) throws(ConfigProblem) {
        guard let url = Self(text) else {
            throw ConfigProblem(
                pointer, "must be http://HOST[:PORT][/PATH] or https://…, without user and fragment")
        }
        self = url
    }

    /// The URL.
    public var description: String {
        "\(self.isSecure ? "https" : "http")://\(self.authority)\(self.target)"
    }
}
