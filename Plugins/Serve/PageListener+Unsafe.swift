internal import Glibc
internal import PluginSupport

/// A listening socket with a thread that reads requests and writes answers, one connection after the other.
///
/// A client has two seconds to send its request and five to take the answer, in however many pieces: others
/// wait meanwhile, and those who scrape give up after ten.
final class PageListener: Sendable {
    private let descriptor: Int32
    /// A pipe: what is written to its second end ends the thread's wait.
    private let wakeup: (reading: Int32, writing: Int32)
    private let thread = Lock<pthread_t?>(nil)
    /// How long one request, and one answer, may take, in nanoseconds.
    private static let patience: (request: Int64, answer: Int64) = (2_000_000_000, 5_000_000_000)
    let port: Int

    init(_ address: PageAddress) throws(ListenProblem) {
        let isVersion6 = address.bytes.count == 16
        let descriptor = socket(
            isVersion6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var storage = sockaddr_storage()
        let length = Self.fill(&storage, address)
        // SAFETY: sockaddr_storage has room for, and the layout of, every socket address.
        let isListening = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                descriptor >= 0 && bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
            }
        }
        guard isListening else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw ListenProblem(description: "cannot listen at \(address.text): \(reason)")
        }
        var bound = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: as above; both kinds have the port at the same place.
        self.port = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
            return $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                Int($0.pointee.sin_port.bigEndian)
            }
        }
        self.descriptor = descriptor
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.wakeup = (ends[0], ends[1])
    }

    deinit {
        close(self.descriptor)
        close(self.wakeup.reading)
        close(self.wakeup.writing)
    }

    private static func fill(_ storage: inout sockaddr_storage, _ address: PageAddress) -> socklen_t {
        // SAFETY: as above.
        withUnsafeMutableBytes(of: &storage) { raw in
            if address.bytes.count == 4 {
                var value = sockaddr_in()
                value.sin_family = sa_family_t(AF_INET)
                value.sin_port = address.port.bigEndian
                withUnsafeMutableBytes(of: &value.sin_addr) { $0.copyBytes(from: address.bytes) }
                withUnsafeBytes(of: &value) { raw.copyMemory(from: $0) }
                return socklen_t(MemoryLayout<sockaddr_in>.size)
            }
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = address.port.bigEndian
            withUnsafeMutableBytes(of: &value.sin6_addr) { $0.copyBytes(from: address.bytes) }
            withUnsafeBytes(of: &value) { raw.copyMemory(from: $0) }
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }

    /// The address and port of `a.b.c.d:port` or `[v6]:port`.
    static func parse(_ text: String) -> ([UInt8], UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            var bytes = [UInt8](repeating: 0, count: 16)
            return inet_pton(AF_INET6, String(host), &bytes) == 1 ? (bytes, port) : nil
        }
        var bytes = [UInt8](repeating: 0, count: 4)
        return inet_pton(AF_INET, String(host), &bytes) == 1 ? (bytes, port) : nil
    }

    private final class Work {
        let listener: PageListener
        let answer: PageServer.Answer
        init(_ listener: PageListener, _ answer: @escaping PageServer.Answer) {
            self.listener = listener
            self.answer = answer
        }
    }

    /// Begins to answer. Called once.
    func start(_ answer: @escaping PageServer.Answer) {
        // SAFETY: the thread releases what is retained here.
        let work = Unmanaged.passRetained(Work(self, answer)).toOpaque()
        var thread = pthread_t()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        // Signals are for the process's own threads.
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let code = pthread_create(
            &thread, nil,
            { work in
                guard let work else { return nil }
                let taken = Unmanaged<Work>.fromOpaque(work).takeRetainedValue()
                taken.listener.run(taken.answer)
                return nil
            }, work)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if code == 0 {
            self.thread.withLock { $0 = thread }
        } else {
            Unmanaged<Work>.fromOpaque(work).release()
        }
    }

    /// Ends the thread, and waits for it. The socket is closed.
    func stop() {
        var one: UInt8 = 1
        write(self.wakeup.writing, &one, 1)
        shutdown(self.descriptor, Int32(SHUT_RDWR))
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }

    private func run(_ answer: PageServer.Answer) {
        while true {
            guard self.wait(self.descriptor, Int16(POLLIN), 3_600_000) else {
                if self.isOver { return }
                continue
            }
            let connection = accept(self.descriptor, nil, nil)
            if connection < 0 {
                if errno == EMFILE || errno == ENFILE { _ = self.wait(-1, 0, 100) }
                if self.isOver { return }
                continue
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            _ = fcntl(connection, F_SETFL, O_NONBLOCK)
            self.serve(connection, answer)
            close(connection)
            if self.isOver { return }
        }
    }

    private var isOver: Bool {
        var poller = pollfd(fd: self.wakeup.reading, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) > 0
    }

    /// Whether `descriptor` is ready; false after so many milliseconds, or when all is over.
    private func wait(_ descriptor: Int32, _ events: Int16, _ milliseconds: Int32) -> Bool {
        var pollers = [
            pollfd(fd: self.wakeup.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: events, revents: 0),
        ]
        let count = poll(&pollers, 2, milliseconds)
        return count > 0 && pollers[0].revents == 0 && pollers[1].revents != 0
    }

    /// As ``wait(_:_:_:)``; false also when `deadline` is over, however much has come in pieces until then.
    private func wait(_ descriptor: Int32, _ events: Int16, until deadline: Int64) -> Bool {
        let left = deadline - monotonicNanoseconds()
        return left > 0 && self.wait(descriptor, events, Int32(clamping: left / 1_000_000 + 1))
    }

    /// One connection is one request: who scrapes comes a few times a minute.
    private func serve(_ connection: Int32, _ answer: PageServer.Answer) {
        var head: [UInt8] = []
        let deadline = monotonicNanoseconds() + Self.patience.request
        while PageHead.end(of: head) == nil {
            guard head.count < 16 << 10, self.wait(connection, Int16(POLLIN), until: deadline)
            else { return }
            var got = 0
            // SAFETY: `recv` is given the room that there is.
            let piece = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, used in
                got = recv(connection, buffer.baseAddress, buffer.count, 0)
                used = max(got, 0)
            }
            if got <= 0 { return }
            head += piece
        }
        let read = PageHead(head)
        let page = read.problem ?? answer(PageServer.Request(path: read.path, accept: read.accept))
        self.send(connection, PageHead.response(page, withBody: read.method != "HEAD"))
        // Else what is unread makes the kernel reset the connection, and the answer may be lost.
        shutdown(connection, Int32(SHUT_WR))
    }

    private func send(_ connection: Int32, _ bytes: [UInt8]) {
        var sent = 0
        let deadline = monotonicNanoseconds() + Self.patience.answer
        while sent < bytes.count {
            guard self.wait(connection, Int16(POLLOUT), until: deadline) else { return }
            let count = bytes.withUnsafeBytes { raw in
                Glibc.send(
                    connection, raw.baseAddress?.advanced(by: sent), raw.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }
}
