internal import Glibc

/// Sends datagrams to a backend over UDP or a Unix socket.
public final class DatagramSocket {
    /// The backend.
    public let address: BackendAddress
    private let descriptor: Descriptor

    /// Resolves the name; nothing is sent.
    ///
    /// - Throws: ``NetError``
    public init(to address: BackendAddress, until deadline: Deadline) throws(NetError) {
        self.address = address
        self.descriptor = try Descriptor(to: address, type: SOCK_DGRAM, until: deadline)
    }

    /// Sends one; waits when the system has no room.
    ///
    /// - Throws: ``NetError``: of this datagram, or of an earlier one that was refused (nobody listened).
    public func send(_ bytes: [UInt8], until deadline: Deadline) throws(NetError) {
        while true {
            let count = bytes.withUnsafeBytes { self.descriptor.send($0) }
            if count >= 0 { return }
            let reason = errno
            guard reason == EAGAIN || reason == EINTR || reason == ENOBUFS else {
                throw NetError(
                    reason == EMSGSIZE ? .malformed : .closed, self.address, Descriptor.reason(reason))
            }
            try self.descriptor.wait(for: POLLOUT, until: deadline, "sending")
        }
    }
}
