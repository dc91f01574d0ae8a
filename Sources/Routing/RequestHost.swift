public import Primitives

/// The host that a request names, as routes compare it.
public enum RequestHost {
    /// The longest name that DNS allows has 253 characters; a longer one is no configured host.
    static let limit = 255

    /// `authority` without its port and without one final dot: `a.example.com.:8080` is `a.example.com`,
    /// `[::1]:80` is `[::1]`.
    public static func of(_ authority: ByteView) -> ByteView {
        var end = Self.portStart(authority)
        if end > 1, authority[end - 1] == 0x2E { end -= 1 }
        return authority[0..<end]
    }

    /// Where the port begins, with its ":"; the end when there is none.
    static func portStart(_ authority: ByteView) -> Int {
        var index = authority.count
        // Digits back to a ":" are a port; the colons of an IPv6 literal lie within its brackets.
        while index > 0, authority[index - 1] &- 0x30 <= 9 { index -= 1 }
        return index > 0 && authority[index - 1] == 0x3A ? index - 1 : authority.count
    }

    /// A configured host as the table keeps it: in lower case, without a final dot; an IPv6 address in
    /// brackets.
    static func normalized(_ host: String) -> String {
        var name = host.lowercased()
        if name.count > 1, name.hasSuffix(".") { name.removeLast() }
        if !name.hasPrefix("["), name.utf8.count(where: { $0 == 0x3A }) > 1 { name = "[\(name)]" }
        return name
    }
}
