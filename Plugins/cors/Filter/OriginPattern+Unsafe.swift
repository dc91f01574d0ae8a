internal import CRE2
internal import PosternSDK

/// A regular expression for whole origins: RE2's, so that time grows with an origin's length only.
final class OriginPattern: Sendable {
    // SAFETY: made in init, freed in deinit, never changed between; RE2 matches from any thread.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// What an expression may cost in memory, in bytes.
    private static let memory: Int64 = 1 << 20

    /// - Throws: ``ConfigProblem`` with RE2's reason.
    init(_ expression: String, at pointer: String) throws(ConfigProblem) {
        var message = [CChar](repeating: 0, count: 256)
        let text = Array(expression.utf8)
        // SAFETY: the pointers do not outlive the call.
        let compiled = text.withUnsafeBufferPointer {
            postern_pattern_compile($0.baseAddress, $0.count, Self.memory, &message, message.count)
        }
        guard let compiled else {
            let reason = String(
                decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ConfigProblem(pointer, "is no regular expression: \(reason)")
        }
        self.compiled = compiled
    }

    deinit { postern_pattern_free(self.compiled) }

    func matches(_ origin: Span<UInt8>) -> Bool {
        // SAFETY: as above.
        origin.withUnsafeBufferPointer {
            postern_pattern_matches_whole(self.compiled, $0.baseAddress, $0.count)
        }
    }
}
