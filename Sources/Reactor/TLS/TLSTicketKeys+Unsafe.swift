internal import COpenSSL
internal import Glibc

/// The keys of session tickets: shared by all workers, so that a client resumes its session with any of them,
/// and kept over reloads.
///
/// Every handshake with a ticket takes its lock for as long as it takes to copy a key.
public final class TLSTicketKeys: @unchecked Sendable {
    // SAFETY: owned here and freed in deinit; a lock within guards the keys.
    let handle: OpaquePointer
    /// Rotations of which keys are still taken.
    private static let kept: UInt32 = 2

    /// Begins with a random key.
    public init() throws(TLSError) {
        guard let handle = postern_ticket_keys_new() else { throw TLSError("no memory") }
        self.handle = handle
        self.rotate()
    }

    deinit { postern_ticket_keys_free(self.handle) }

    /// A new random key encrypts from now on; the two before it still decrypt.
    public func rotate() { _ = postern_ticket_keys_rotate(self.handle, Self.kept) }

    /// Takes the keys of files of 80 or 48 bytes (as nginx's `ssl_session_ticket_key`), instead of those it
    /// has: the first encrypts, all decrypt. At most 8. Blocks.
    ///
    /// - Throws: ``TLSError``; the keys are then what they were.
    public func read(paths: [String]) throws(TLSError) {
        _ = try TLSText.made { why, room -> Bool? in
            // SAFETY: the copies live until the call returns, and are freed then.
            let copies = paths.map { strdup($0) }
            defer { for copy in copies { free(copy) } }
            let texts = copies.map { UnsafePointer<CChar>($0) }
            return postern_ticket_keys_read(self.handle, texts, UInt32(texts.count), why, room) ? true : nil
        }
    }
}
