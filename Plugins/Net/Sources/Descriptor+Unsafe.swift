internal import Glibc

/// A socket that never blocks; who waits, waits with poll(2). Closed with its owner.
struct Descriptor: ~Copyable {
    let number: Int32
    private let address: BackendAddress

    /// Connects to the addresses of a name, one after the other, each with its share of the time.
    ///
    /// - Throws: ``NetError`` of the last address.
    init(to address: BackendAddress, type: __socket_type, until deadline: Deadline) throws(NetError) {
        let all = try ResolvedAddress.all(of: address, type: type)
        var last = NetError(.noAddress, address, "has no address")
        for (index, each) in all.enumerated() {
            do throws(NetError) {
                self = try Self(
                    each, of: address, type: type, until: deadline.share(of: all.count - index))
                return
            } catch { last = error }
        }
        throw last
    }

    private init(
        _ resolved: ResolvedAddress, of address: BackendAddress, type: __socket_type, until deadline: Deadline
    ) throws(NetError) {
        let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        self.number = socket(resolved.family, Int32(type.rawValue) | flags, 0)
        self.address = address
        guard self.number >= 0 else { throw NetError(.notConnected, address, Self.reason(errno)) }
        if resolved.connect(self.number) != 0 {
            // A full backlog of a Unix socket is EAGAIN, and nothing to wait for.
            guard errno == EINPROGRESS else { throw NetError(.notConnected, address, Self.reason(errno)) }
            try self.wait(for: POLLOUT, until: deadline, "connecting")
            var status: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(self.number, SOL_SOCKET, SO_ERROR, &status, &size)
            guard status == 0 else { throw NetError(.notConnected, address, Self.reason(status)) }
        }
        if type == SOCK_STREAM, resolved.family != AF_UNIX {
            var on: Int32 = 1
            setsockopt(self.number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    deinit {
        if self.number >= 0 { close(self.number) }
    }

    /// Returns when the socket is ready, or has failed.
    ///
    /// - Throws: ``NetError/Code/timedOut``.
    func wait(for events: Int32, until deadline: Deadline, _ doing: String) throws(NetError) {
        while true {
            var polled = pollfd(fd: self.number, events: Int16(events), revents: 0)
            let count = poll(&polled, 1, deadline.milliseconds)
            if count > 0 { return }
            if count == 0, deadline.isOver {
                throw NetError(.timedOut, self.address, "timed out while \(doing)")
            }
        }
    }

    /// What send(2) returns; never raises SIGPIPE.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.send(self.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What recv(2) returns.
    func receive(_ room: UnsafeMutableRawBufferPointer) -> Int {
        recv(self.number, room.baseAddress, room.count, 0)
    }

    /// The text of an `errno`.
    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
