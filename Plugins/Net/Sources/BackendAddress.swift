public import PosternSDK

/// Where a backend listens: `host:port`, `[2001:db8::1]:port` or `unix:/path`.
public struct BackendAddress: Sendable, Hashable, CustomStringConvertible {
    enum Place: Sendable, Hashable {
        case name(String, port: UInt16)
        case path(String)
    }
    let place: Place

    /// A name or an address, and a port.
    public init(host: String, port: UInt16) { self.place = .name(host, port: port) }

    /// As configurations spell it.
    ///
    /// - Parameter defaultPort: What a text without a port means; nil: it needs one.
    /// - Returns: nil when malformed.
    public init?(_ text: String, defaultPort: UInt16? = nil) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // What `sockaddr_un` has room for, with a zero behind it.
            guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self.place = .path(path)
            return
        }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard host.contains(":") else { return nil }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x40 })
        else { return nil }
        if rest.isEmpty, let defaultPort {
            self.place = .name(String(host), port: defaultPort)
            return
        }
        guard rest.first == ":", rest.count <= 6,
            rest.dropFirst().utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = UInt16(rest.dropFirst()), port > 0
        else { return nil }
        self.place = .name(String(host), port: port)
    }

    /// As ``init(_:defaultPort:)``.
    ///
    /// - Throws: ``ConfigProblem`` at `pointer` that says what is allowed.
    public init(configText text: String, defaultPort: UInt16? = nil, at pointer: String) throws(ConfigProblem)
    {
        guard let address = Self(text, defaultPort: defaultPort) else {
            throw ConfigProblem(
                pointer, "must be HOST:PORT, [IPV6]:PORT or unix:/PATH, got '\(text)'")
        }
        self = address
    }

    /// The name or address in it; nil of a path.
    public var host: String? {
        if case .name(let host, _) = self.place { host } else { nil }
    }

    /// The port in it; nil of a path.
    public var port: UInt16? {
        if case .name(_, let port) = self.place { port } else { nil }
    }

    /// As configurations spell it.
    public var description: String {
        switch self.place {
        case .name(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .path(let path): "unix:\(path)"
        }
    }
}
