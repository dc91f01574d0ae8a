internal import Foundation
internal import Synchronization

/// A blocking stream socket whose every wait has a deadline; for threads of a test, never Swift's own.
public final class RawSocket: @unchecked Sendable {
    // SAFETY: the descriptor does not change; one thread reads, one writes. `close` waits for neither, so
    // whoever calls it is the only user left, or has called `shutdown` before.

    private let descriptor: Int32
    private let lock = NSLock()
    private var isOpen = true

    /// Seconds that any one call may wait.
    private static let patience = 60

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { self.close() }

    /// Connects to `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
    ///
    /// - Parameter receiveBuffer: The kernel's buffer, in bytes; small for a reader that is to be slow.
    public static func connect(to address: String, receiveBuffer: Int32? = nil) throws -> RawSocket {
        let address = try RawAddress(address)
        let socket = try Self.make(address)
        if let receiveBuffer { socket.set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        guard address.withSockaddr({ Glibc.connect(socket.descriptor, $0, $1) }) == 0 else {
            throw Self.failure("connect to \(address.text)")
        }
        if !address.isUnix { socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        return socket
    }

    /// Listens; with port 0 the system chooses one, see ``localAddress``.
    static func listen(at text: String, receiveBuffer: Int32? = nil, backlog: Int32 = 128) throws -> RawSocket
    {
        let address = try RawAddress(text)
        let socket = try Self.make(address)
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        if let receiveBuffer { socket.set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        guard address.withSockaddr({ bind(socket.descriptor, $0, $1) }) == 0,
            Glibc.listen(socket.descriptor, backlog) == 0
        else { throw Self.failure("listen at \(text)") }
        return socket
    }

    /// Holds a free port at which nobody listens.
    static func refusing(at text: String = "127.0.0.1:0") throws -> RawSocket {
        let address = try RawAddress(text)
        let socket = try Self.make(address)
        guard address.withSockaddr({ bind(socket.descriptor, $0, $1) }) == 0 else {
            throw Self.failure("bind")
        }
        return socket
    }

    /// A port that was free a moment ago, for a program that cannot choose one itself.
    ///
    /// It lies below those that the system gives to connections, which could take it before the program does.
    public static func freePort() throws -> Int {
        while true {
            let port = Int.random(in: 10_000..<20_000)
            // Tests run beside each other: what one was given, and does not use yet, is no other's.
            guard Self.given.withLock({ $0.insert(port).inserted }) else { continue }
            if (try? Self.refusing(at: "127.0.0.1:\(port)")) != nil { return port }
        }
    }

    private static let given = Mutex<Set<Int>>([])

    /// A connect that is begun and not waited for.
    static func beginConnect(to text: String) throws -> RawSocket {
        let address = try RawAddress(text)
        let socket = try Self.make(address)
        _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
        _ = address.withSockaddr { Glibc.connect(socket.descriptor, $0, $1) }
        return socket
    }

    private static func make(_ address: RawAddress) throws -> RawSocket {
        let descriptor = socket(address.domain, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("socket") }
        return RawSocket(descriptor: descriptor)
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(self.descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next connection; nil once ``shutdown()`` was called.
    func accept() -> RawSocket? {
        while true {
            let descriptor = Glibc.accept(self.descriptor, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                return RawSocket(descriptor: descriptor)
            }
            if errno != EAGAIN, errno != EINTR, errno != ECONNABORTED { return nil }
        }
    }

    public var localAddress: String { RawAddress.text(ofLocalEndOf: self.descriptor) }

    /// Reads what is there, at least one byte; empty at the end of input.
    public func read(atMost count: Int = 64 << 10) throws -> [UInt8] {
        try Array(unsafeUninitializedCapacity: count) { buffer, used in
            while true {
                let got = recv(self.descriptor, buffer.baseAddress, count, 0)
                if got >= 0 {
                    used = got
                    return
                }
                if errno != EINTR { throw Self.failure("read") }
            }
        }
    }

    /// Whether the peer has sent something, or ended.
    public func hasInput(within milliseconds: Int32) -> Bool {
        var poller = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, milliseconds) > 0
    }

    /// Writes everything.
    public func write(_ bytes: some Collection<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(
                    self.descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                throw Self.failure("write")
            }
        }
    }

    /// Writes until the socket takes no more for `milliseconds`.
    ///
    /// - Returns: How many bytes it took.
    public func writeUntilBlocked(atMost limit: Int, milliseconds: Int32) throws -> Int {
        let block = [UInt8](repeating: 0x78, count: 64 << 10)
        var sent = 0
        while sent < limit {
            var poller = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&poller, 1, milliseconds) > 0 else { return sent }
            let count = send(
                self.descriptor, block, min(block.count, limit - sent),
                Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if count >= 0 {
                sent += count
            } else if errno != EAGAIN, errno != EINTR {
                throw Self.failure("write")
            }
        }
        return sent
    }

    /// Says that no more will be written.
    public func endWriting() { self.shutdown(Int32(SHUT_WR)) }

    /// Wakes whoever waits for this socket; the peer sees its end.
    public func shutdown() { self.shutdown(Int32(SHUT_RDWR)) }

    /// Once it is closed, the number may be another socket's.
    private func shutdown(_ how: Int32) {
        self.lock.withLock { if self.isOpen { Glibc.shutdown(self.descriptor, how) } }
    }

    public func close() {
        self.lock.withLock {
            if self.isOpen { Glibc.close(self.descriptor) }
            self.isOpen = false
        }
    }

    /// Closes so that the peer sees a reset.
    public func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        self.close()
    }

    private static func failure(_ operation: String) -> WireError {
        let code = errno
        let reason: WireError.Reason =
            switch code {
            case EAGAIN: .timedOut
            case ECONNRESET, EPIPE: .reset
            default: .other
            }
        return WireError(reason, "\(operation): \(String(cString: strerror(code)))")
    }
}
