internal import Foundation

/// An address of a test's socket.
struct RawAddress {
    let text: String
    let domain: Int32
    private var storage = sockaddr_storage()
    private let length: socklen_t

    var isUnix: Bool { self.domain == AF_UNIX }

    /// - Parameter text: `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
    init(_ text: String) throws {
        self.text = text
        if text.hasPrefix("unix:") {
            self.domain = AF_UNIX
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = Array(text.dropFirst(5).utf8)
            guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw WireError(.other, "\(text) is too long for a Unix socket")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            self.length = socklen_t(MemoryLayout<sockaddr_un>.size)
            withUnsafeMutableBytes(of: &self.storage) { to in
                withUnsafeBytes(of: &address) { to.copyMemory(from: $0) }
            }
            return
        }
        let colon = text.lastIndex(of: ":") ?? text.startIndex
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        let port = in_port_t(text[text.index(after: colon)...]) ?? 0
        if text.hasPrefix("[") {
            self.domain = AF_INET6
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else {
                throw WireError(.other, "\(text) is no address")
            }
            self.length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &self.storage) { to in
                withUnsafeBytes(of: &address) { to.copyMemory(from: $0) }
            }
        } else {
            self.domain = AF_INET
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
                throw WireError(.other, "\(text) is no address")
            }
            self.length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &self.storage) { to in
                withUnsafeBytes(of: &address) { to.copyMemory(from: $0) }
            }
        }
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = self.storage
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, self.length) }
        }
    }

    /// Where a TCP socket listens.
    static func text(ofLocalEndOf descriptor: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        let raw = withUnsafeBytes(of: &storage) { Array($0) }
        let port = UInt16(raw[2]) << 8 | UInt16(raw[3])
        let isIPv4 = Int32(storage.ss_family) == AF_INET
        var name = [CChar](repeating: 0, count: 64)
        let address = Array(raw[(isIPv4 ? 4 : 8)..<(isIPv4 ? 8 : 24)])
        inet_ntop(isIPv4 ? AF_INET : AF_INET6, address, &name, 64)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isIPv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }
}
