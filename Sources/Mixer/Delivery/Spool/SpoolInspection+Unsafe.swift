internal import Adapting
internal import Primitives

/// A spool as the fuzz target sees it.
package enum SpoolInspection {
    /// What there was to read.
    package struct Result: Sendable, Equatable {
        package var delivered = 0
        package var lost = 0
        package var unread = 0

        package init() {}
    }

    /// Where the oldest segment of the spool in `folder` lies.
    package static func segmentPath(_ folder: String) -> String {
        "\(folder)/\(SpoolFolder.segmentName(1))"
    }

    /// Reads all of a spool, as a handler that takes every record does.
    package static func read(_ folder: String) -> Result? {
        guard let spool = try? Spool(folder, limit: .mebibytes(64)) else { return nil }
        let batch = DeliveryBatch(limit: 7, byteLimit: 64 * 1024)
        var result = Result()
        func define(_ shape: RecordShape) -> UInt32 {
            batch.shapes.append(shape)
            return UInt32(batch.shapes.count - 1)
        }
        spool.restore(to: batch, define)
        while true {
            result.lost += spool.move(to: batch, define)?.1 ?? 0
            guard !batch.isEmpty else { break }
            let (_, unreadable) = batch.present(isLast: false) { _, _ in .taken }
            result.lost += unreadable
            result.delivered += batch.settle().delivered
            spool.commit(batch)
        }
        spool.commit(batch)
        result.unread = spool.unread
        return result
    }

    /// A block with a right checksum around `payload`.
    package static func block(
        kind: UInt32, records: UInt32, sequence: UInt64, payload: UnsafeRawBufferPointer
    ) -> [UInt8] {
        let buffer = ByteBuffer(capacity: payload.count + SpoolBlock.head + 8)
        SpoolBlock(
            kind: SpoolBlock.Kind(rawValue: kind) ?? .records, records: records, sequence: sequence,
            payload: ByteView(payload)
        ).append(to: buffer)
        return buffer.withView(\.bytes)
    }
}
