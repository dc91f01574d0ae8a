internal import CLinux
internal import Glibc
public import Primitives

/// A non-blocking socket by its descriptor; a plain value, whoever closes it must be its only owner.
public struct Socket: Sendable {
    public let descriptor: Int32

    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// What one system call gave.
    public enum Outcome: Equatable {
        case bytes(Int)
        case wouldBlock
        /// `errno`.
        case failed(Int32)
    }

    // MARK: Making

    /// A listening socket; its connections send small writes at once (TCP_NODELAY).
    ///
    /// - Parameters:
    ///   - sharesPort: Several sockets may listen on one address, and the kernel spreads connections
    ///     (`SO_REUSEPORT`).
    /// - Throws: ``SocketError``; for a Unix socket also when another process still listens on the path.
    public static func listen(on address: SocketAddress, sharesPort: Bool) throws -> Socket {
        let socket = try Self.make(address.family)
        do {
            if address.family == .unix {
                try Self.removeStale(address)
            } else {
                try socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
                if sharesPort { try socket.setOption(SOL_SOCKET, SO_REUSEPORT, 1) }
                if address.family == .ipv6 { try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            }
            if address.withSockaddr({ bind(socket.descriptor, $0, $1) }) != 0 {
                throw SocketError(operation: "bind \(address)", code: errno)
            }
            // Connections have it from the socket at which they were accepted.
            if address.family != .unix { socket.disableDelay() }
            if Glibc.listen(socket.descriptor, 4096) != 0 {
                throw SocketError(operation: "listen \(address)", code: errno)
            }
            return socket
        } catch {
            socket.close()
            throw error
        }
    }

    /// Another descriptor of the same socket.
    public func duplicate() throws -> Socket {
        let copy = fcntl(self.descriptor, F_DUPFD_CLOEXEC, 0)
        if copy < 0 { throw SocketError(operation: "fcntl", code: errno) }
        return Socket(descriptor: copy)
    }

    /// A socket that begins to connect; it becomes writable when that has ended, see ``connectError``.
    public static func connect(to address: SocketAddress) throws -> Socket {
        let socket = try Self.make(address.family)
        if address.family != .unix { socket.disableDelay() }
        let answer = address.withSockaddr { Glibc.connect(socket.descriptor, $0, $1) }
        if answer != 0, errno != EINPROGRESS {
            let code = errno
            socket.close()
            throw SocketError(operation: "connect \(address)", code: code)
        }
        return socket
    }

    /// As ``connect(to:)``, to the first address at which that does not fail at once.
    ///
    /// - Returns: The socket, and the addresses behind its own.
    /// - Throws: ``SocketError`` of the last address.
    public static func connect(
        toFirstOf addresses: [SocketAddress]
    ) throws -> (Socket, others: ArraySlice<SocketAddress>) {
        var rest = addresses[...]
        while let address = rest.popFirst() {
            do {
                return (try Self.connect(to: address), rest)
            } catch {
                if rest.isEmpty { throw error }
            }
        }
        throw SocketError(operation: "connect", code: EADDRNOTAVAIL)
    }

    /// Whether the machine knows a way to an IP address; nothing is sent.
    public static func hasRoute(to address: SocketAddress) -> Bool {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family == .ipv6 ? AF_INET6 : AF_INET, type, 0)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return address.withSockaddr { Glibc.connect(descriptor, $0, $1) } == 0
    }

    private static func make(_ family: SocketAddress.Family) throws -> Socket {
        let domain: Int32 =
            switch family {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .unix: AF_UNIX
            }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(domain, type, 0)
        if descriptor < 0 { throw SocketError(operation: "socket", code: errno) }
        return Socket(descriptor: descriptor)
    }

    /// A Unix socket's path outlives its process; it may be removed when nobody answers there.
    private static func removeStale(_ address: SocketAddress) throws {
        var status = stat()
        guard lstat(address.host, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SocketError(
                operation: "bind \(address): the path is there and is no socket", code: EADDRINUSE)
        }
        let probe = try Self.make(.unix)
        defer { probe.close() }
        if address.withSockaddr({ Glibc.connect(probe.descriptor, $0, $1) }) == 0 || errno == EAGAIN {
            throw SocketError(operation: "bind \(address): somebody listens there", code: EADDRINUSE)
        }
        unlink(address.host)
    }

    // MARK: Using

    /// The next connection that waits at a listening socket.
    public func accept() -> Outcome { self.accepted { postern_accept(self.descriptor) } }

    /// As ``accept()``, and who is at the other end.
    public func accept(from peer: inout PeerAddress) -> Outcome {
        var found = postern_peer()
        let outcome = self.accepted { postern_accept_from(self.descriptor, &found) }
        if case .bytes = outcome { peer = PeerAddress(found) }
        return outcome
    }

    private func accepted(_ call: () -> Int32) -> Outcome {
        while true {
            let descriptor = call()
            if descriptor >= 0 { return .bytes(Int(descriptor)) }
            switch errno {
            case EAGAIN: return .wouldBlock
            case EINTR, ECONNABORTED: continue
            default: return .failed(errno)
            }
        }
    }

    /// Reads into the room behind `buffer`'s write position. 0 bytes: the end of input.
    @inlinable
    public func read(into buffer: ByteBuffer) -> Outcome {
        // SAFETY: the kernel writes at most `spare` bytes behind the write position.
        let count = self.receive(buffer.base + buffer.writeIndex, buffer.spare)
        if count >= 0 {
            buffer.writeIndex += count
            return .bytes(count)
        }
        return Self.failure(-count)
    }

    /// Sends what it can of `bytes`.
    @inlinable
    public func write(_ bytes: ByteView) -> Outcome {
        let count = self.transmit(bytes)
        return count >= 0 ? .bytes(count) : Self.failure(-count)
    }

    /// Sends what it can of the three views, in one call.
    ///
    /// - Parameter beforeClose: ``close()`` comes next: the bytes leave in one segment with the end that it
    ///   sends. Not when there is input that was not read, because the close then drops them.
    public func write(
        _ first: ByteView, _ second: ByteView, _ third: ByteView, beforeClose: Bool = false
    ) -> Outcome {
        let flags = Int32(beforeClose ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL)
        var parts = (Self.part(first), Self.part(second), Self.part(third))
        while true {
            // SAFETY: the kernel only reads the views, which live until this returns; a tuple of equal C
            // structs is laid out as an array.
            let count = withUnsafeMutableBytes(of: &parts) { raw in
                var message = msghdr()
                message.msg_iov = raw.baseAddress?.assumingMemoryBound(to: iovec.self)
                message.msg_iovlen = 3
                return sendmsg(self.descriptor, &message, flags)
            }
            if count >= 0 { return .bytes(count) }
            if errno != EINTR { return Self.failure(Int(errno)) }
        }
    }

    private static func part(_ bytes: ByteView) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.base), iov_len: bytes.count)
    }

    /// Bytes received, or the negative `errno`.
    public func receive(_ start: UnsafeMutableRawPointer, _ room: Int) -> Int {
        while true {
            let count = recv(self.descriptor, start, room, 0)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Bytes sent, or the negative `errno`.
    public func transmit(_ bytes: ByteView) -> Int {
        while true {
            let count = send(self.descriptor, bytes.base, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    public static func failure(_ code: Int) -> Outcome {
        code == Int(EAGAIN) ? .wouldBlock : .failed(Int32(code))
    }

    /// The error with which a connect ended; 0 when it succeeded.
    public var connectError: Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &code, &length) != 0 { return errno }
        return code
    }

    /// Says that no more will be sent.
    public func shutdownOutput() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    public func close() { Glibc.close(self.descriptor) }

    /// Closes so that the peer sees a reset instead of an orderly end.
    public func abort() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        self.close()
    }

    /// Sends small writes at once (TCP_NODELAY).
    public func disableDelay() {
        var on: Int32 = 1
        setsockopt(self.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private func setOption(_ level: Int32, _ name: Int32, _ value: Int32) throws {
        var value = value
        if setsockopt(self.descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) != 0 {
            throw SocketError(operation: "setsockopt", code: errno)
        }
    }

    public var localAddress: SocketAddress? { SocketAddress(of: self.descriptor, remote: false) }
    public var remoteAddress: SocketAddress? { SocketAddress(of: self.descriptor, remote: true) }
}
