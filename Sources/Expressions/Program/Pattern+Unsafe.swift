internal import CRE2
internal import Primitives

/// A compiled regular expression (RE2's syntax).
final class Pattern: @unchecked Sendable {
    // SAFETY: `handle` is compiled and never null, freed in deinit only; RE2 allows concurrent matches with
    // one object, hence `@unchecked Sendable`.
    private let handle: OpaquePointer

    /// Why a text is no pattern.
    struct Refusal: Error {
        let message: String
    }

    /// What one pattern's program and automaton may take.
    private static let memoryLimit: Int64 = 2 << 20

    init(_ text: ByteView) throws(Refusal) {
        var reason = [CChar](repeating: 0, count: 256)
        // SAFETY: both pointers are used during the call only; the shim writes at most `capacity` bytes.
        let compiled = reason.withUnsafeMutableBufferPointer { error in
            postern_pattern_compile(text.base, text.count, Self.memoryLimit, error.baseAddress, error.count)
        }
        guard let compiled else {
            let bytes = reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            throw Refusal(message: String(decoding: bytes, as: UTF8.self))
        }
        self.handle = compiled
    }

    deinit { postern_pattern_free(self.handle) }

    /// The handle in a word, for ``matches(_:_:)``; alive as long as this object.
    var address: UInt64 { UInt64(UInt(bitPattern: self.handle)) }

    /// Whether some part of the text matches; linear in the text.
    static func matches(_ address: UInt64, _ text: ByteView) -> Bool {
        // SAFETY: the address is that of a pattern which the program that holds it keeps.
        guard let handle = OpaquePointer(bitPattern: UInt(address)) else { return false }
        return postern_pattern_matches_part(handle, text.base, text.count)
    }
}
