internal import Primitives

/// The nine bytes before each frame's payload (RFC 9113, 4.1).
struct HTTP2FrameHeader {
    static let size = 9

    let length: Int
    let kind: UInt8
    let flags: HTTP2Flags
    /// Without the reserved bit.
    let stream: UInt32

    /// Reads nine bytes at `offset`, which must be there.
    @inline(__always)
    init(_ bytes: ByteView, at offset: Int) {
        let word = bytes.word(at: offset).bigEndian
        self.length = Int(word >> 40)
        self.kind = UInt8(truncatingIfNeeded: word >> 32)
        self.flags = HTTP2Flags(rawValue: UInt8(truncatingIfNeeded: word >> 24))
        let low = UInt32(truncatingIfNeeded: word) << 8 | UInt32(bytes[offset &+ 8])
        self.stream = low & 0x7FFF_FFFF
    }
}

/// Frame types (RFC 9113, 6).
enum HTTP2FrameKind {
    static var data: UInt8 { 0 }
    static var headers: UInt8 { 1 }
    static var priority: UInt8 { 2 }
    static var reset: UInt8 { 3 }
    static var settings: UInt8 { 4 }
    static var pushPromise: UInt8 { 5 }
    static var ping: UInt8 { 6 }
    static var goAway: UInt8 { 7 }
    static var windowUpdate: UInt8 { 8 }
    static var continuation: UInt8 { 9 }
}

/// Flags of frames; `ack` and `endStream` share a bit.
struct HTTP2Flags: OptionSet {
    let rawValue: UInt8
    static var endStream: Self { Self(rawValue: 0x1) }
    static var ack: Self { Self(rawValue: 0x1) }
    static var endHeaders: Self { Self(rawValue: 0x4) }
    static var padded: Self { Self(rawValue: 0x8) }
    static var priority: Self { Self(rawValue: 0x20) }
}

/// Identifiers of settings (RFC 9113, 6.5.2; RFC 8441, 3).
enum HTTP2SettingID {
    static var headerTableSize: UInt16 { 1 }
    static var enablePush: UInt16 { 2 }
    static var maxConcurrentStreams: UInt16 { 3 }
    static var initialWindowSize: UInt16 { 4 }
    static var maxFrameSize: UInt16 { 5 }
    static var maxHeaderListSize: UInt16 { 6 }
    static var enableConnectProtocol: UInt16 { 8 }
}

extension ByteView {
    /// Four bytes from `offset` on, most significant first.
    @inline(__always)
    func integer32(at offset: Int) -> UInt32 { self.halfWord(at: offset).bigEndian }

    /// Two bytes from `offset` on, most significant first.
    @inline(__always)
    func integer16(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1]) }
}

extension ByteBuffer {
    /// Appends four bytes, most significant first.
    @inline(__always)
    func append(integer32 value: UInt32) {
        self.reserve(4)
        self.base.storeBytes(of: value.bigEndian, toByteOffset: self.writeIndex, as: UInt32.self)
        self.writeIndex &+= 4
    }

    /// Appends two bytes, most significant first.
    @inline(__always)
    func append(integer16 value: UInt16) {
        self.reserve(2)
        self.base.storeBytes(of: value.bigEndian, toByteOffset: self.writeIndex, as: UInt16.self)
        self.writeIndex &+= 2
    }

    /// Appends a frame's header; `length` must fit in 24 bits.
    @inline(__always)
    func appendFrame(length: Int, kind: UInt8, flags: HTTP2Flags, stream: UInt32) {
        self.reserve(HTTP2FrameHeader.size)
        self.storeFrame(at: self.writeIndex, length: length, kind: kind, flags: flags, stream: stream)
        self.writeIndex &+= HTTP2FrameHeader.size
    }

    /// Writes a frame's header at `offset`, where nine bytes have room.
    @inline(__always)
    func storeFrame(at offset: Int, length: Int, kind: UInt8, flags: HTTP2Flags, stream: UInt32) {
        let word =
            UInt64(truncatingIfNeeded: length) << 40 | UInt64(kind) << 32 | UInt64(flags.rawValue) << 24
            | UInt64(stream >> 8)
        self.base.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
        self.base.storeBytes(
            of: UInt8(truncatingIfNeeded: stream), toByteOffset: offset &+ 8, as: UInt8.self)
    }
}
