internal import COpenSSL
internal import Primitives

/// Where the sessions of a loop put encrypted bytes, for one write; empty between two handlers.
final class TLSSink {
    /// Room for six records.
    static let capacity = 100 * 1024
    // SAFETY: both are allocated here and freed in deinit; sessions hold a reference to this object, and only
    // the loop's thread uses them.
    let handle: UnsafeMutablePointer<postern_tls_sink>
    private let bytes: UnsafeMutablePointer<UInt8>

    init() {
        self.bytes = .allocate(capacity: Self.capacity)
        self.handle = .allocate(capacity: 1)
        self.handle.initialize(to: postern_tls_sink(base: self.bytes, count: 0, capacity: Self.capacity))
    }

    deinit {
        self.handle.deallocate()
        self.bytes.deallocate()
    }

    var count: Int { self.handle.pointee.count }
    /// Until the next call of any session.
    var view: ByteView { ByteView(base: UnsafeRawPointer(self.bytes), count: self.count) }
    func reset() { self.handle.pointee.count = 0 }
}
