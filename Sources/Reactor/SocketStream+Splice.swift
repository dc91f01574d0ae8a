internal import Glibc

// Bulk: what one plain socket gives goes to another without passing through our memory.
//
//     socket ──► pipe ──► target's socket
//                  └── (full) the target keeps the pipe, as other output, until its socket has taken it

extension SocketStream {
    /// Whether bytes of another stream may go to this one's socket at once, past what it has to write.
    private final var takesSplice: Bool {
        !self.isClosed && !self.isConnecting && !self.isWriteBlocked && !self.isWriteFailed
            && self.tls == nil && self.unsentBytes == 0
    }

    /// Moves what has arrived to the stream that ``spliceTarget`` names.
    ///
    /// - Returns: Whether the input was dealt with; false: read it as always.
    final func splice() -> Bool {
        guard self.tls == nil, self.pendingInput == nil, let target = self.spliceTarget, target.takesSplice,
            let pipe = self.loop.takePipe()
        else { return false }
        switch pipe.fill(from: self.socket) {
        case .bytes(0):
            self.loop.giveBack(pipe)
            self.readEnd()
        case .bytes(let count):
            target.take(pipe)
            self.spliced(count)
        case .wouldBlock:
            self.loop.giveBack(pipe)
            self.mayHaveInput = false
            self.isBulk = false
        case .failed(EINVAL), .failed(ENOSYS):
            // A socket that cannot be spliced.
            self.loop.giveBack(pipe)
            self.isBulk = false
            return false
        case .failed(let code):
            // Nobody else is told: the socket forgets its error with this.
            self.loop.giveBack(pipe)
            self.mayHaveInput = false
            self.failed(code, whileWriting: false)
        }
        return true
    }

    private final func take(_ pipe: SplicePipe) {
        if case .failed(let code) = pipe.drain(into: self.socket) {
            self.endWriting(code)
            self.untoldError = code
            return self.loop.flushSoon(self)
        }
        if pipe.count == 0 { return self.loop.giveBack(pipe) }
        self.pipe = pipe
        self.isWriteBlocked = true
    }

    /// Writes what waits in a pipe.
    ///
    /// - Returns: Whether nothing does any more.
    final func flushPipe() -> Bool {
        guard let pipe = self.pipe else { return true }
        switch pipe.drain(into: self.socket) {
        case .failed(let code):
            self.pipe = nil
            self.endWriting(code)
            self.failed(code, whileWriting: true)
            return false
        case .bytes where pipe.count > 0:
            self.isWriteBlocked = true
            self.outputProgressed()
            return false
        case .wouldBlock:
            self.isWriteBlocked = true
            return false
        case .bytes:
            self.pipe = nil
            self.loop.giveBack(pipe)
            return true
        }
    }
}
