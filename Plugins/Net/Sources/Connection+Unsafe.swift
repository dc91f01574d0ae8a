internal import Glibc

/// A connection to a backend over TCP or a Unix socket, in plain text or TLS; whatever waits has a deadline.
///
/// One thread uses it at a time. It is closed when it goes out of use; after an error it is good for nothing
/// else.
public final class Connection {
    /// The backend.
    public let address: BackendAddress
    private let descriptor: Descriptor
    private var session: TLSSession?
    /// Where bytes are read to.
    private let room: UnsafeMutableRawBufferPointer

    /// Connects: the addresses of a name one after the other, each with its share of the time; then TLS, if
    /// given. Names are resolved by getaddrinfo(3), which has timeouts of its own.
    ///
    /// - Throws: ``NetError``
    public init(
        to address: BackendAddress, tls: TLSClient? = nil, until deadline: Deadline
    ) throws(NetError) {
        self.address = address
        self.descriptor = try Descriptor(to: address, type: SOCK_STREAM, until: deadline)
        self.room = .allocate(byteCount: 16_384, alignment: 16)
        if let tls { try self.secure(tls, until: deadline) }
    }

    deinit {
        // It uses the socket, which goes after this.
        self.session = nil
        self.room.deallocate()
    }

    /// Goes on in TLS.
    ///
    /// - Throws: ``NetError``
    public func secure(_ tls: TLSClient, until deadline: Deadline) throws(NetError) {
        let session = try TLSSession(tls, self.descriptor, self.address)
        try session.shakeHands(self.descriptor, until: deadline)
        self.session = consume session
    }

    /// Sends all of it.
    ///
    /// - Throws: ``NetError``: then some of it may have been sent.
    public func write(_ bytes: [UInt8], until deadline: Deadline) throws(NetError) {
        var sent = 0
        while sent < bytes.count {
            let progress = bytes.withUnsafeBytes { all in
                Result { () throws(NetError) in try self.send(UnsafeRawBufferPointer(rebasing: all[sent...]))
                }
            }
            switch try progress.get() {
            case .bytes(let count): sent += count
            case .waits(let events): try self.descriptor.wait(for: events, until: deadline, "sending")
            }
        }
    }

    /// Waits for bytes and appends them.
    ///
    /// - Returns: How many, at most 16 KiB; 0 when the backend has closed.
    /// - Throws: ``NetError``
    public func read(into buffer: inout [UInt8], until deadline: Deadline) throws(NetError) -> Int {
        while true {
            switch try self.receive() {
            case .bytes(let count):
                buffer.append(contentsOf: self.room[..<count])
                return count
            case .waits(let events):
                try self.descriptor.wait(for: events, until: deadline, "waiting for an answer")
            }
        }
    }

    /// Appends what has come, without waiting.
    ///
    /// - Returns: Whether the connection is open.
    /// - Throws: ``NetError``
    public func readAvailable(into buffer: inout [UInt8]) throws(NetError) -> Bool {
        while case .bytes(let count) = try self.receive() {
            if count == 0 { return false }
            buffer.append(contentsOf: self.room[..<count])
        }
        return true
    }

    /// Whether the backend has neither closed nor said anything since the last answer.
    public var isQuiet: Bool {
        var buffer: [UInt8] = []
        return (try? self.readAvailable(into: &buffer)) == true && buffer.isEmpty
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(NetError) -> TLSSession.Progress {
        if self.session != nil, let progress = try self.session?.write(bytes) { return progress }
        let count = self.descriptor.send(bytes)
        return try self.progress(count, POLLOUT)
    }

    private func receive() throws(NetError) -> TLSSession.Progress {
        if self.session != nil, let progress = try self.session?.read(self.room) { return progress }
        let count = self.descriptor.receive(self.room)
        return try self.progress(count, POLLIN)
    }

    /// What the result of a call of the system means.
    private func progress(_ count: Int, _ events: Int32) throws(NetError) -> TLSSession.Progress {
        if count >= 0 { return .bytes(count) }
        let reason = errno
        guard reason == EAGAIN || reason == EINTR else {
            throw NetError(.closed, self.address, Descriptor.reason(reason))
        }
        return .waits(for: events)
    }
}
