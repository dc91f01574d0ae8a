public import Filtering
internal import Primitives

/// Brings a request's path into the one form that filters, routes and services see (RFC 3986, 6.2.2).
///
/// Escapes of unreserved characters are decoded, backslashes become slashes, as in browsers and Envoy, and
/// then dot segments are resolved; ".." at the root stays there. A "%" without two hexadecimal digits is
/// refused, because services differ: some keep it, some drop it, some answer 400. The query is not touched.
public struct PathNormaliser: Sendable, Hashable {
    /// What becomes of `%2F` and `%5C`.
    public enum EscapedSlashes: Sendable, Hashable {
        /// They stay as they are, part of a segment.
        case keep
        /// The request is refused.
        case reject
        /// They become slashes before dot segments are resolved.
        case decode
    }

    public let mergeSlashes: Bool
    public let escapedSlashes: EscapedSlashes

    /// - Parameter mergeSlashes: Make one of neighbouring slashes.
    public init(mergeSlashes: Bool = false, escapedSlashes: EscapedSlashes = .keep) {
        self.mergeSlashes = mergeSlashes
        self.escapedSlashes = escapedSlashes
    }

    /// Normalises the block's path.
    ///
    /// - Parameter originalPath: Where in the arena the path as received lies when it was changed, otherwise
    ///   nil.
    /// - Returns: Why the path is refused.
    /// - Complexity: O(*n*); one scan, and nothing written, when there is nothing to do.
    public func normalise(_ block: HeaderBlock, originalPath: inout ArenaRange?) -> HTTPError? {
        originalPath = nil
        let path = block.path
        var end = 0
        let isPlain = self.scan(path, &end)
        if end < path.count, path.dropFirst(end).firstIndex(of: ASCII.hash) != nil {
            return .fragmentInTarget
        }
        if isPlain || path.isEmpty || path[0] != ASCII.slash { return nil }
        let before = block.pathPlace
        if let error = self.rewrite(block, before, pathLength: end) { return error }
        if !(block.view(before) == block.path) { originalPath = before }
        return nil
    }

    /// Whether nothing in the path needs a change; `end` is where the path ends and the query begins, or less
    /// when it is not plain and "?" was not reached.
    @inline(__always)
    private func scan(_ path: ByteView, _ end: inout Int) -> Bool {
        var at = 0
        var isPlain = true
        while at < path.count {
            if at &+ 8 <= path.count {
                let word = path.word(at: at)
                // "%", ".", "/" next to another, "?", "\" and "#": only these five and slashes matter.
                let found =
                    ByteWord.equal(word, ASCII.dot) | ByteWord.equal(word, ASCII.percent)
                    | ByteWord.equal(word, ASCII.questionMark) | ByteWord.equal(word, ASCII.backslash)
                    | ByteWord.equal(word, ASCII.hash)
                if found == 0, !self.mergeSlashes {
                    at &+= 8
                    continue
                }
                if found != 0, !self.mergeSlashes { at &+= ByteWord.first(found) }
            }
            switch path[at] {
            case ASCII.questionMark, ASCII.hash:
                end = at
                return isPlain
            case ASCII.percent, ASCII.backslash: isPlain = false
            case ASCII.dot: if at == 0 || path[at &- 1] == ASCII.slash { isPlain = false }
            case ASCII.slash: if self.mergeSlashes, at > 0, path[at &- 1] == ASCII.slash { isPlain = false }
            default: break
            }
            at &+= 1
        }
        end = at
        return isPlain
    }

    /// Writes the normal form behind what the arena holds: it is never longer than the original.
    @inline(never)
    private func rewrite(_ block: HeaderBlock, _ before: ArenaRange, pathLength: Int) -> HTTPError? {
        let arena = block.arena
        arena.reserve(Int(before.length))
        let path = block.view(before)
        let start = arena.writeIndex
        // Where the present segment begins, behind its slash.
        var segment = start
        var at = 0
        while at < pathLength {
            var byte = path[at]
            var isEscaped = false
            if byte == ASCII.percent {
                guard at + 2 < pathLength, let high = ASCII.hexadecimal(path[at + 1]),
                    let low = ASCII.hexadecimal(path[at + 2])
                else {
                    arena.writeIndex = start
                    return .badPercentEscape
                }
                let decoded = high << 4 | low
                let isSlash = decoded == ASCII.slash || decoded == ASCII.backslash
                if decoded == 0 || (isSlash && self.escapedSlashes == .reject) {
                    arena.writeIndex = start
                    return decoded == 0 ? .nullInPath : .escapedSlash
                }
                if Self.isUnreserved(decoded) || (isSlash && self.escapedSlashes == .decode) {
                    byte = decoded
                    at += 2
                } else {
                    isEscaped = true
                }
            }
            at += 1
            if isEscaped {
                arena.append(path[at - 1..<at + 2])
                at += 2
            } else if byte == ASCII.slash || byte == ASCII.backslash {
                let isMerged = self.mergeSlashes && arena.writeIndex == segment && arena.writeIndex > start
                if !Self.resolveDots(arena, start, segment), !isMerged { arena.append(ASCII.slash) }
                segment = arena.writeIndex
            } else {
                arena.append(byte)
            }
        }
        _ = Self.resolveDots(arena, start, segment)
        arena.append(block.view(before)[pathLength..<Int(before.length)])
        block.setPath(ArenaRange(start: start, length: arena.writeIndex - start))
        return nil
    }

    /// Takes the segment that was just written out again when it is "." or "..", and for ".." the one before
    /// it, so that what was written ends in a slash (RFC 3986, 5.2.4).
    ///
    /// - Returns: Whether it did.
    private static func resolveDots(_ arena: ByteBuffer, _ start: Int, _ segment: Int) -> Bool {
        let written = arena.view(at: segment, arena.writeIndex - segment)
        if written == "." {
            arena.writeIndex = segment
            return true
        }
        guard written == ".." else { return false }
        var end = segment
        if segment - 1 > start {
            end = segment - 1
            while arena.view(at: end - 1, 1)[0] != ASCII.slash { end -= 1 }
        }
        arena.writeIndex = end
        return true
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
            || byte == 0x7E
    }
}
