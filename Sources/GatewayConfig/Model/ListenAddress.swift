internal import Glibc

/// A place to listen at or to connect to: an IP address with a port, or the path of a Unix socket.
///
/// Written `127.0.0.1:8080`, `[::1]:8080` or `unix:/run/p.sock`. Host names are not addresses.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as a number (127.0.0.1 is 0x7F000001) and the port, both in the machine's byte order.
    case ipv4(UInt32, port: UInt16)
    /// The first and the last eight bytes of the address as numbers (::1 is 0 and 1) and the port.
    case ipv6(high: UInt64, low: UInt64, port: UInt16)
    /// A path of at most 107 bytes (`sun_path` less its NUL).
    case unix(String)

    /// The most bytes of a Unix socket's path.
    public static let longestUnixPath = 107

    /// Parses the written form.
    ///
    /// - Returns: nil for anything else, a host name or a missing port included.
    public init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard (1...Self.longestUnixPath).contains(path.utf8.count), !path.utf8.contains(0) else {
                return nil
            }
            self = .unix(path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...])
        else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            var parsed = in6_addr()
            guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &parsed) == 1 else { return nil }
            let words = parsed.__in6_u.__u6_addr32
            self = .ipv6(
                high: UInt64(UInt32(bigEndian: words.0)) << 32 | UInt64(UInt32(bigEndian: words.1)),
                low: UInt64(UInt32(bigEndian: words.2)) << 32 | UInt64(UInt32(bigEndian: words.3)),
                port: port
            )
        } else {
            var parsed = in_addr()
            guard inet_pton(AF_INET, String(host), &parsed) == 1 else { return nil }
            self = .ipv4(UInt32(bigEndian: parsed.s_addr), port: port)
        }
    }

    /// One to five digits, at most 65535.
    private static func port(_ text: Substring) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt16(text)
    }

    /// The port; nil for a Unix socket.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port): port
        case .unix: nil
        }
    }

    /// The written form; an IPv6 address in the spelling of RFC 5952.
    public var description: String {
        switch self {
        case .ipv4(let address, let port):
            let parts = [24, 16, 8, 0].map { String(address >> UInt32($0) & 255) }
            return "\(parts.joined(separator: ".")):\(port)"
        case .ipv6(let high, let low, let port):
            return "[\(Self.compressed(high, low))]:\(port)"
        case .unix(let path):
            return "unix:\(path)"
        }
    }

    private static func compressed(_ high: UInt64, _ low: UInt64) -> String {
        var address = in6_addr()
        address.__in6_u.__u6_addr32 = (
            UInt32(high >> 32).bigEndian, UInt32(high & 0xFFFF_FFFF).bigEndian,
            UInt32(low >> 32).bigEndian, UInt32(low & 0xFFFF_FFFF).bigEndian
        )
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, socklen_t(INET6_ADDRSTRLEN)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
