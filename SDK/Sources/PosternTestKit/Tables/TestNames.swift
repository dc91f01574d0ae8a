internal import Synchronization

/// Field names as numbers: those of `postern_header`, then what was interned, the same for the whole process.
enum TestNames {
    private static let known = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "upgrade", "te", "trailer", "http2-settings", "expect", "via", "x-forwarded-for",
        "x-forwarded-proto", "x-forwarded-host", "x-request-id", "traceparent", "tracestate",
        "authorization", "proxy-authorization", "cookie", "set-cookie", "user-agent", "accept",
        "accept-encoding", "accept-language", "content-type", "content-encoding", "cache-control", "date",
        "server", "location", "etag", "vary", "last-modified", "if-none-match", "if-modified-since",
        "range", "referer", "origin", "retry-after", "www-authenticate", "x-api-key",
    ]
    private static let pseudo = [":method", ":scheme", ":authority", ":path"]
    private static let firstPseudo: UInt32 = 256
    private static let firstInterned: UInt32 = 4096
    private static let limit = 4096
    private static let interned = Mutex<[String]>([])

    /// - Returns: nil when all numbers are given out.
    static func intern(_ name: String) -> UInt32? {
        let name = name.lowercased()
        if let index = Self.known.firstIndex(of: name) { return UInt32(index + 1) }
        return Self.interned.withLock { names in
            if let index = names.firstIndex(of: name) { return Self.firstInterned + UInt32(index) }
            guard names.count < Self.limit else { return nil }
            names.append(name)
            return Self.firstInterned + UInt32(names.count - 1)
        }
    }

    /// The name of a number; nil when it was never given out.
    static func name(_ number: UInt32) -> String? {
        if number >= Self.firstInterned {
            return Self.interned.withLock { names in
                let index = Int(number - Self.firstInterned)
                return index < names.count ? names[index] : nil
            }
        }
        if number >= Self.firstPseudo {
            let index = Int(number - Self.firstPseudo)
            return index < Self.pseudo.count ? Self.pseudo[index] : nil
        }
        return (1...Self.known.count).contains(Int(number)) ? Self.known[Int(number) - 1] : nil
    }
}
