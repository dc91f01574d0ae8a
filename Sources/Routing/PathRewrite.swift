public import GatewayConfig
public import Primitives

/// A compiled ``PathChange``: writes the new path of a request.
public struct PathRewrite: Sendable {
    /// The bytes of the request's path that give way; nil: the whole path.
    private let prefixLength: Int?
    /// Without a final "/" when only a prefix gives way.
    private let replacement: [UInt8]

    /// - Parameters:
    ///   - change: What the rule asks for.
    ///   - match: The rule's path, whose `prefix` is what `replacePrefix` replaces. Without one the whole
    ///     path counts
    ///     as the rest behind an empty prefix, as with the prefix `/`.
    public init(_ change: PathChange, of match: PathMatch?) {
        switch change {
        case .replaceFull(let path):
            self.prefixLength = nil
            self.replacement = Array(path.utf8)
        case .replacePrefix(let path):
            self.replacement = Array(path.utf8).trimmingFinalSlashes()
            guard case .prefix(let prefix) = match else {
                self.prefixLength = 0
                return
            }
            self.prefixLength = Array(prefix.utf8).trimmingFinalSlashes().count
        }
    }

    /// Appends the new path, and the query as it was.
    ///
    /// With prefix `/old` and replacement `/new`, `/old` becomes `/new`, `/old/` becomes `/new/` and `/old/a`
    /// becomes `/new/a`; with the replacement `/`, `/old` and `/old/` become `/`, `/old/a` becomes `/a` (as
    /// in the Gateway API).
    ///
    /// - Parameter target: The request's path with its query; one that the rule matched. Of a target that is
    ///   no path, such as `*`, nothing is kept.
    public func write(_ target: ByteView, to output: ByteBuffer) {
        let pathLength = target.firstIndex(of: 0x3F) ?? target.count
        let start = output.writeIndex
        self.replacement.withByteView { output.append($0) }
        if let prefixLength = self.prefixLength, pathLength > 0, prefixLength <= pathLength,
            target[0] == 0x2F
        {
            output.append(target[prefixLength..<pathLength])
        }
        if output.writeIndex == start { output.append(0x2F) }
        output.append(target.dropFirst(pathLength))
    }
}

extension [UInt8] {
    fileprivate func trimmingFinalSlashes() -> [UInt8] {
        var trimmed = self
        while trimmed.last == 0x2F { trimmed.removeLast() }
        return trimmed
    }
}
