internal import CLinux
internal import Glibc

/// An address to listen on or to connect to: IPv4, IPv6 or the path of a Unix socket.
public struct SocketAddress: Sendable, Hashable {
    public enum Family: Sendable, Hashable { case ipv4, ipv6, unix }

    public let family: Family
    /// The kernel's form: `sockaddr_in`, `sockaddr_in6` or `sockaddr_un`.
    let raw: [UInt8]

    /// Reads `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
    ///
    /// - Returns: nil when the text has none of these forms; names are not resolved.
    public init?(parsing text: String) {
        if text.hasPrefix("unix:") {
            self.init(unixPath: String(text.dropFirst(5)))
            return
        }
        guard
            let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.init(ipv6: String(host.dropFirst().dropLast()), port: port)
        } else {
            self.init(ipv4: String(host), port: port)
        }
    }

    private init?(ipv4 host: String, port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        self.family = .ipv4
        // SAFETY: reads the bytes of a local value of a trivial type.
        self.raw = withUnsafeBytes(of: &address) { Array($0) }
    }

    private init?(ipv6 host: String, port: UInt16) {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return nil }
        self.family = .ipv6
        // SAFETY: as for IPv4.
        self.raw = withUnsafeBytes(of: &address) { Array($0) }
    }

    private init?(unixPath path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else {
            return nil
        }
        // SAFETY: the path and its terminating NUL fit, as just checked; `sun_path` is zeroed.
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        self.family = .unix
        // SAFETY: as for IPv4; only the used part of the path belongs to the address.
        self.raw = withUnsafeBytes(of: &address) { Array($0.prefix(2 + bytes.count + 1)) }
    }

    /// The local or the remote end of a connected or listening socket.
    init?(of descriptor: Int32, remote: Bool) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: `storage` is as long as `length` says, and holds every family.
        let answer = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                remote ? getpeername(descriptor, $0, &length) : getsockname(descriptor, $0, &length)
            }
        }
        guard answer == 0 else { return nil }
        switch Int32(storage.ss_family) {
        case AF_INET: self.family = .ipv4
        case AF_INET6: self.family = .ipv6
        case AF_UNIX: self.family = .unix
        default: return nil
        }
        // SAFETY: the kernel wrote `length` bytes, at most the size of `storage`.
        self.raw = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
    }

    /// Lends the kernel's form.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        // SAFETY: `raw` came from one of the initialisers and is at most as long as `sockaddr_storage`.
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: self.raw) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(self.raw.count)) }
        }
    }

    /// The port; 0 for a Unix socket.
    public var port: UInt16 {
        guard self.family != .unix, self.raw.count >= 4 else { return 0 }
        return UInt16(self.raw[2]) << 8 | UInt16(self.raw[3])
    }

    /// The host without the port: `127.0.0.1`, `::1`, or the path of a Unix socket.
    public var host: String {
        if self.family == .unix {
            return String(decoding: self.raw.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
        }
        let isIPv4 = self.family == .ipv4
        let address = Array(self.raw.dropFirst(isIPv4 ? 4 : 8).prefix(isIPv4 ? 4 : 16))
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, address, &text, socklen_t(text.count)) != nil else {
            return ""
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension SocketAddress: CustomStringConvertible {
    /// As ``init(parsing:)`` reads it.
    public var description: String {
        switch self.family {
        case .ipv4: "\(self.host):\(self.port)"
        case .ipv6: "[\(self.host)]:\(self.port)"
        case .unix: "unix:\(self.host)"
        }
    }
}
