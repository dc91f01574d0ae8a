internal import Primitives

/// How far a spool was delivered.
struct SpoolPosition: Equatable {
    /// All segments before it are done.
    var segment: UInt64
    /// Of the record that is read next.
    var sequence: UInt64

    /// As one block; the records that the handler wanted again follow it as others.
    func append(to buffer: ByteBuffer) {
        let payload = ByteBuffer(capacity: 16)
        payload.append(word: self.segment)
        payload.withView {
            SpoolBlock(kind: .position, sequence: self.sequence, payload: $0).append(to: buffer)
        }
    }

    init(segment: UInt64, sequence: UInt64) {
        self.segment = segment
        self.sequence = sequence
    }

    init?(_ block: SpoolBlock) {
        guard block.kind == .position, block.payload.count == 8 else { return nil }
        self.init(segment: block.payload.word(at: 0), sequence: block.sequence)
    }
}
