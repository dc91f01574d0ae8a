internal import Glibc
public import Primitives

// In the ring: the record as it lies in memory, `ExchangeField.count` lengths of 16 bits (the top bit marks a
// value that was cut off), then the bytes. Written and read by the same process, so it has no version.

extension RecordRing {
    /// Appends a record with its texts, each cut at its limit. The producer only; one pass, nothing
    /// allocated.
    ///
    /// - Returns: false when there was no room for the longest record there can be.
    public func append(_ record: borrowing ExchangeRecord, _ text: borrowing ExchangeText) -> Bool {
        guard let place = self.reserve(ExchangeEncoder.most) else { return false }
        // SAFETY: `reserve` gave `ExchangeEncoder.most` bytes, 8-byte aligned, which is what the record asks
        // for.
        place.storeBytes(of: copy record, as: ExchangeRecord.self)
        var encoder = ExchangeEncoder(place: place)
        encoder.append(text.method, .method)
        encoder.append(text.path, .path)
        encoder.append(text.authority, .authority)
        encoder.append(text.userAgent, .userAgent)
        encoder.append(text.requestID, .requestID)
        encoder.append(text.forwardedFor, .forwardedFor)
        encoder.append(text.details, .details)
        encoder.append(text.upstreamHost, .upstreamHost)
        encoder.append(text.upstreamLocalAddress, .upstreamLocalAddress)
        encoder.append(text.downstreamRemoteAddress, .downstreamRemoteAddress)
        encoder.append(text.downstreamLocalAddress, .downstreamLocalAddress)
        encoder.append(text.serverName, .serverName)
        self.commit(encoder.end)
        return true
    }
}

/// Writes the texts behind a record.
private struct ExchangeEncoder {
    // SAFETY: `place` addresses `most` bytes until the record is committed; what is written is bounded by the
    // sum of the limits, which is part of `most`.
    let place: UnsafeMutableRawPointer
    /// Where the next text goes.
    var end = bytesAt

    static var lengthsAt: Int { MemoryLayout<ExchangeRecord>.size }
    static var bytesAt: Int { self.lengthsAt + 2 * ExchangeField.count }
    /// Bytes of the longest record.
    static var most: Int { self.bytesAt + ExchangeField.limits }

    @inline(__always)
    mutating func append(_ value: ByteView, _ field: ExchangeField) {
        let kept = min(value.count, field.limit)
        let mark: UInt16 = kept < value.count ? 0x8000 : 0
        let lengthAt = Self.lengthsAt + 2 * field.rawValue
        self.place.storeBytes(
            of: UInt16(truncatingIfNeeded: kept) | mark, toByteOffset: lengthAt, as: UInt16.self)
        guard kept > 0 else { return }
        memcpy(self.place + self.end, value.base, kept)
        self.end += kept
    }
}

/// A record read back from a ring; valid as long as the bytes it was made of.
public struct ExchangeReading {
    public let record: ExchangeRecord
    private let bytes: ByteView

    /// - Parameter bytes: One payload, as ``RecordRing/drain(_:)`` hands it out.
    /// - Returns: nil when the lengths do not fit, which would be a bug of ours.
    public init?(_ bytes: ByteView) {
        let start = MemoryLayout<ExchangeRecord>.size
        guard bytes.count >= start + 2 * ExchangeField.count else { return nil }
        // SAFETY: the bytes are there (just checked) and were stored as this trivial type.
        self.record = bytes.base.loadUnaligned(as: ExchangeRecord.self)
        self.bytes = bytes
        var total = start + 2 * ExchangeField.count
        for index in 0..<ExchangeField.count { total += self.length(index) }
        guard total == bytes.count else { return nil }
    }

    /// The text, cut at its limit.
    public subscript(field: ExchangeField) -> ByteView {
        var at = MemoryLayout<ExchangeRecord>.size + 2 * ExchangeField.count
        for index in 0..<field.rawValue { at += self.length(index) }
        return self.bytes[at..<at + self.length(field.rawValue)]
    }

    /// Whether the end of the text is missing.
    public func isTruncated(_ field: ExchangeField) -> Bool { self.word(field.rawValue) & 0x8000 != 0 }

    private func length(_ index: Int) -> Int { Int(self.word(index) & 0x7FFF) }

    private func word(_ index: Int) -> UInt16 {
        // SAFETY: the lengths lie behind the record, checked in init.
        self.bytes.base.loadUnaligned(
            fromByteOffset: MemoryLayout<ExchangeRecord>.size + 2 * index, as: UInt16.self)
    }
}
