internal import Glibc

/// Tells texts that are IP addresses, with or without a port, from others.
enum IPAddressText {
    static func isAddress(_ text: String) -> Bool {
        if Self.isPlain(text) { return true }
        guard let colon = text.lastIndex(of: ":") else { return false }
        let port = text[text.index(after: colon)...]
        guard (1...5).contains(port.utf8.count), let number = UInt32(port), number <= 65535 else {
            return false
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return Self.isPlain(String(host))
    }

    private static func isPlain(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}
