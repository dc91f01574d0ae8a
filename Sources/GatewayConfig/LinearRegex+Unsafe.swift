internal import CRE2
public import Primitives

/// A regular expression that matches in time linear in the text (RE2's syntax; no look-around, no
/// back-references).
///
/// Text is taken as UTF-8; a byte that is no UTF-8 matches only `\C`. One object may serve all threads.
public final class LinearRegex: @unchecked Sendable {
    // SAFETY: `handle` is compiled and never null, freed in deinit only, and RE2 allows concurrent matches
    // with one object; nothing changes it after init, hence `@unchecked Sendable`.
    /// The compiled pattern, for the request path, which keeps the object alive elsewhere.
    public let handle: OpaquePointer

    /// Why a pattern was refused.
    public struct CompileError: Error, Hashable, Sendable, CustomStringConvertible {
        /// RE2's reason, without the pattern: `missing ]: [a`.
        public let description: String
    }

    /// The most memory of one pattern: what RE2 needs for its program and the automaton it builds while
    /// matching.
    public static let memoryLimit: ByteCount = .mebibytes(2)

    /// - Throws: ``CompileError`` with RE2's reason; also when the pattern needs more than ``memoryLimit``.
    public init(_ pattern: String) throws(CompileError) {
        var reason = [CChar](repeating: 0, count: 256)
        // SAFETY: both pointers are used during the call only; the shim writes at most `capacity` bytes.
        let compiled = reason.withUnsafeMutableBufferPointer { error in
            pattern.withByteView {
                postern_pattern_compile(
                    $0.base, $0.count, Int64(Self.memoryLimit.bytes), error.baseAddress, error.count
                )
            }
        }
        guard let compiled else {
            throw CompileError(
                description: String(
                    decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            )
        }
        self.handle = compiled
    }

    deinit { postern_pattern_free(self.handle) }

    /// Whether the whole text matches.
    ///
    /// - Complexity: O(*n*), *n* bytes of the text.
    public func matchesWhole(_ text: ByteView) -> Bool {
        postern_pattern_matches_whole(self.handle, text.base, text.count)
    }

    /// Whether some part of the text matches.
    ///
    /// - Complexity: O(*n*), *n* bytes of the text.
    public func matchesPart(_ text: ByteView) -> Bool {
        postern_pattern_matches_part(self.handle, text.base, text.count)
    }
}
