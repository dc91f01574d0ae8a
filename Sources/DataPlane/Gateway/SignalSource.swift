internal import CLinux
internal import Glibc
internal import Primitives
internal import Reactor

/// Signals as events of the control loop.
final class SignalSource: EventHandler {
    private let descriptor: Int32
    private let handler: (Int32) -> Void

    /// Blocks `signals` for the calling thread and those it starts later, and ignores SIGPIPE.
    init(_ signals: [Int32], loop: EventLoop, _ handler: @escaping (Int32) -> Void) throws {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        sigprocmask(SIG_BLOCK, &set, nil)
        self.descriptor = signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
        self.handler = handler
        super.init()
        if self.descriptor < 0 { throw SocketError(operation: "signalfd", code: errno) }
        try loop.register(self.descriptor, self)
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    override func ready(_ events: ReadyEvents) {
        var info = signalfd_siginfo()
        while read(self.descriptor, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
            self.handler(Int32(info.ssi_signo))
        }
    }
}
