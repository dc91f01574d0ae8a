internal import CCodec
internal import PosternSDK

/// One text being encoded.
final class Encoder: @unchecked Sendable {
    // SAFETY: made in init, freed in deinit; belongs to one stream, so to one thread.
    private let encoder: OpaquePointer
    private var output: UnsafePointer<UInt8>?
    /// In bytes.
    private(set) var outputCount = 0

    /// What becomes readable for the other end.
    enum Effort: Int32 {
        /// Whatever is ready.
        case gather = 0
        /// Everything so far.
        case flush = 1
        /// Everything; nothing follows.
        case finish = 2
    }

    /// Memory ran out, or the library has lost its way.
    struct Failure: Error {}

    init?(_ encoding: Encoding, level: Int) {
        guard let encoder = postern_encoder_make(encoding.rawValue, Int32(level)) else { return nil }
        self.encoder = encoder
    }

    deinit { postern_encoder_free(self.encoder) }

    /// Encodes `bytes`; what comes of it is the output until the next call.
    func write(_ bytes: Span<UInt8>, _ effort: Effort) throws(Failure) {
        // SAFETY: the input's pointer does not outlive the call.
        let status = bytes.withUnsafeBufferPointer {
            postern_encoder_write(
                self.encoder, $0.baseAddress, $0.count, effort.rawValue, &self.output, &self.outputCount)
        }
        if status != 0 { throw Failure() }
    }

    /// Lends the output.
    func withOutput(_ body: (Span<UInt8>) -> Void) {
        // SAFETY: postern_codec.h: the output lives until the next write, and the span cannot leave `body`.
        body(UnsafeBufferPointer(start: self.output, count: self.outputCount).span)
    }
}
