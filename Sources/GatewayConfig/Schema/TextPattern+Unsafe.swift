internal import CRE2
internal import Primitives

/// A regular expression of RE2, for checking a configuration; what matches requests is compiled elsewhere.
final class TextPattern: Sendable {
    // SAFETY: made in init, freed in deinit, never changed between; matching is safe from any thread.
    private nonisolated(unsafe) let compiled: OpaquePointer?
    /// Why the expression is none; nil when it is good.
    let problem: String?

    /// What an expression may cost in memory, in bytes.
    private static let memory: Int64 = 8 << 20

    init(_ pattern: String) {
        var message = [CChar](repeating: 0, count: 256)
        let compiled = pattern.withByteView { text in
            postern_pattern_compile(text.base, text.count, Self.memory, &message, message.count)
        }
        self.compiled = compiled
        let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.problem = compiled == nil ? String(decoding: bytes, as: UTF8.self) : nil
    }

    deinit { postern_pattern_free(self.compiled) }

    /// Whether some part of `text` matches; never, when the expression is none.
    func matchesPart(of text: String) -> Bool {
        guard let compiled = self.compiled else { return false }
        return text.withByteView { postern_pattern_matches_part(compiled, $0.base, $0.count) }
    }
}
