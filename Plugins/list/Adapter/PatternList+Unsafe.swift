internal import CRE2
internal import PosternSDK

/// Regular expressions in RE2's syntax; time grows with a text's length only, whatever they are.
final class PatternList: Sendable {
    // SAFETY: made in init, freed in deinit, never changed between; RE2 matches from any thread. Nil when
    // there are no expressions.
    private nonisolated(unsafe) let compiled: OpaquePointer?

    /// What all of them together may cost in memory, in bytes.
    private static let memory: Int64 = 64 << 20

    /// - Throws: ``ConfigProblem`` with RE2's reason, and the expression's place.
    init(_ expressions: [String], at pointer: String) throws(ConfigProblem) {
        // Each by itself first: "(a" and "b)" make a good expression together.
        for (index, expression) in expressions.enumerated() {
            postern_pattern_free(try Self.compile(expression, at: "\(pointer)/\(index)"))
        }
        // One automaton for all of them walks through a text once.
        let whole = expressions.map { "(?:\($0))" }.joined(separator: "|")
        self.compiled = expressions.isEmpty ? nil : try Self.compile(whole, at: "\(pointer)/0")
    }

    deinit { postern_pattern_free(self.compiled) }

    /// Whether some part of `text` fits one of them; `^` and `$` in an expression tie it to the ends.
    func match(_ text: Span<UInt8>) -> Bool {
        guard let compiled else { return false }
        // SAFETY: the pointer does not outlive the call.
        return text.withUnsafeBufferPointer {
            postern_pattern_matches_part(compiled, $0.baseAddress, $0.count)
        }
    }

    private static func compile(
        _ expression: String, at pointer: String
    ) throws(ConfigProblem) -> OpaquePointer {
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
        return compiled
    }
}
