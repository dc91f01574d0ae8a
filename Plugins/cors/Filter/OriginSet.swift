internal import PluginSupport
internal import PosternSDK

/// The origins that may read responses.
struct OriginSet: Sendable {
    /// `https://*.example.com`: the bytes before and behind the `*`.
    private struct Wildcard: Sendable {
        let head: [UInt8]
        let tail: [UInt8]
    }

    /// Whether every origin is in it.
    let isAny: Bool
    private var exact: [[UInt8]] = []
    private var wildcards: [Wildcard] = []
    private var patterns: [OriginPattern] = []

    /// - Throws: ``ConfigProblem`` for what is no origin, wildcard or expression.
    init(origins: [String], patterns: [String]) throws(ConfigProblem) {
        self.isAny = origins.contains("*")
        if self.isAny, origins.count + patterns.count > 1 {
            throw ConfigProblem("/origins", "'*' allows every origin, so no other can stand beside it")
        }
        if self.isAny { return }
        for (index, origin) in origins.enumerated() { try self.add(origin, at: "/origins/\(index)") }
        for (index, pattern) in patterns.enumerated() {
            self.patterns.append(try OriginPattern(pattern, at: "/originPatterns/\(index)"))
        }
    }

    private mutating func add(_ origin: String, at pointer: String) throws(ConfigProblem) {
        let bytes = Array(origin.utf8)
        // What pages without an origin of their own send: sandboxed frames, files.
        if origin == "null" { return self.exact.append(bytes) }
        let problem = ConfigProblem(
            pointer,
            "must be '*', 'null' or an origin as browsers send it, such as https://example.com, "
                + "https://*.example.com or http://localhost:*, got '\(origin)'")
        guard let mark = origin.firstRange(of: "://") else { throw problem }
        let host = origin[mark.upperBound...].utf8
        let scheme = origin[..<mark.lowerBound].utf8
        let isScheme =
            (0x61...0x7A).contains(scheme.first ?? 0)
            && scheme.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        let isHost =
            !host.isEmpty
            && host.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x3A).contains($0) && $0 != 0x2F || $0 == 0x2D
                    || $0 == 0x2E || $0 == 0x2A || $0 == 0x5B || $0 == 0x5D || $0 == 0x5F
            }
        guard isScheme, isHost else { throw problem }
        let stars = bytes.indices.filter { bytes[$0] == 0x2A }
        guard let star = stars.first else { return self.exact.append(bytes) }
        let (head, tail) = (bytes[..<star], bytes[(star + 1)...])
        // Else `https://*example.com` would also allow `https://evilexample.com`.
        let isWholeLabel = head.last == 0x2F && tail.first == 0x2E && tail.count > 1
        let isWholePort =
            head.last == 0x3A && tail.isEmpty && head.count > origin[..<mark.upperBound].utf8.count + 1
        guard stars.count == 1, isWholeLabel || isWholePort else {
            throw ConfigProblem(
                pointer,
                "'*' must stand once, for the first labels of the host or for the port, got '\(origin)'")
        }
        self.wildcards.append(Wildcard(head: Array(head), tail: Array(tail)))
    }

    func contains(_ origin: Span<UInt8>) -> Bool {
        if self.isAny { return true }
        // A few origins are compared faster than hashed.
        for candidate in self.exact where origin.isEqual(to: candidate.span) { return true }
        for wildcard in self.wildcards where Self.matches(origin, wildcard) { return true }
        for pattern in self.patterns where pattern.matches(origin) { return true }
        return false
    }

    private static func matches(_ origin: Span<UInt8>, _ wildcard: Wildcard) -> Bool {
        let (head, tail) = (wildcard.head.span, wildcard.tail.span)
        let end = origin.count - tail.count
        guard end > head.count, origin.extracting(0..<head.count).isEqual(to: head),
            origin.extracting(end..<origin.count).isEqual(to: tail)
        else { return false }
        // Neither `/` nor `:` nor `@`, so the host ends with what stands behind the star; a port has digits.
        let isPort = tail.isEmpty
        for index in head.count..<end {
            switch origin[index] {
            case 0x30...0x39: continue
            case 0x61...0x7A, 0x2D, 0x2E, 0x5F: if isPort { return false }
            default: return false
            }
        }
        return true
    }
}
