internal import Glibc
internal import Primitives

// TLS beneath a stream: subclasses see and send plain bytes.
//
//     startTLS ──► the loop's queue of handshakes ──► secured() ──► received(_:) as without TLS
//     send(_:) ──► `output` (plain) ──► the loop's sink (encrypted) ──► the rest waits in `wire`
//
// The sink is shared by all sessions of the loop, so nobody is called while it holds something.

extension SocketStream {
    /// What a record holds at most.
    private static let recordSize = 16 * 1024
    /// What may wait in `wire`: data fills it once up to a sink's size, the rest are answers to changes of
    /// keys.
    private static let wireLimit = TLSSink.capacity + 64 * 1024

    /// Speaks TLS from now on, as the server. Bytes that were read and not taken are the client's first.
    ///
    /// What is sent before ``secured()`` waits. Once only.
    public final func startTLS(_ context: TLSServerContext) {
        self.begin(context.makeSession(self.socket.descriptor, self.loop.tlsSink))
    }

    /// Speaks TLS from now on, or once connected, as the client. Once only.
    ///
    /// - Parameter protocol: The one to offer by ALPN, none when empty; those of the context when nil.
    public final func startTLS(to peer: TLSPeer, offering protocol: StaticString? = nil) {
        let session = peer.makeSession(self.socket.descriptor, self.loop.tlsSink)
        if let `protocol` { session?.offer(`protocol`) }
        self.begin(session)
    }

    /// TLS was asked for, and its handshake is not done.
    public final var isSecuring: Bool { self.tls?.isHandshaking ?? false }

    private func begin(_ session: TLSSession?) {
        assert(self.tls == nil)
        guard let session else {
            self.endWriting(ENOMEM)
            self.untoldError = ENOMEM
            return self.loop.flushSoon(self)
        }
        self.tls = session
        self.isDrainAwaited = true
        if self.isDelivering { return }  // `deliver` passes on what is not taken.
        self.passInput(to: session)
    }

    /// What was read as plain text is the beginning of the handshake.
    final func passInput(to tls: TLSSession) {
        let pending = self.pendingInput
        self.pendingInput = nil
        if let pending { tls.begin(with: pending) }
        if self.mayHaveInput { tls.readable(ended: self.peerEnded) }
        if self.isConnecting { return }
        if pending != nil || self.mayHaveInput || tls.isClient { self.loop.secureSoon(self) }
    }

    // MARK: Handshake

    /// Takes the handshake as far as it goes; called by the loop.
    final func secure() {
        guard let tls = self.tls, tls.isHandshaking, !self.isClosed, !self.isConnecting else { return }
        while true {
            switch tls.handshake() {
            case .done:
                return self.handshakeDone(tls)
            case .wants:
                _ = self.sendSealed(tls)
                return
            case .full:
                if !self.sendSealed(tls) { return }
            case .closed, .truncated, .failed:
                return self.handshakeFailed(tls)
            }
        }
    }

    private func handshakeDone(_ tls: TLSSession) {
        tls.isHandshaking = false
        // Leaves together with what `secured` sends, and what answers that which came behind the handshake.
        self.keepSealed(tls, behind: 0)
        self.mayHaveInput = true
        self.secured()
        if !self.isClosed, !self.isReadingPaused { self.readAll() }
        if !self.isClosed { self.flush() }
    }

    private func handshakeFailed(_ tls: TLSSession) {
        self.mayHaveInput = false
        _ = self.sendSealed(tls)
        self.untoldError = 0
        if tls.isEnded { return self.failed(ECONNRESET, whileWriting: false) }
        // A close with unread input would reset the connection, and the peer not see the alert.
        self.socket.shutdownOutput()
        for _ in 0..<Self.readsPerTurn {
            self.loop.scratch.reset()
            guard case .bytes(let count) = self.socket.read(into: self.loop.scratch), count > 0 else { break }
        }
        self.failed(tls.failureCode, whileWriting: false)
    }

    // MARK: Reading

    final func readAll(through tls: TLSSession) {
        var reads = 0
        while self.mayHaveInput {
            if reads == Self.readsPerTurn { return self.loop.proceedSoon(self) }
            reads += 1
            let buffer = self.bufferToReadInto()
            let before = buffer.count
            let status = tls.read(into: buffer)
            // An alert, or answers to changes of keys.
            if tls.sink.count > 0 { _ = self.sendSealed(tls) }
            if status == .wants { self.mayHaveInput = false }
            if let wire = tls.wire, wire.count > Self.wireLimit {
                self.mayHaveInput = false
                return self.inputOver(tls, .failed)
            }
            if buffer.count > before {
                self.deliver(buffer)
                if self.isClosed || self.isReadingPaused { return }
            } else if status != .done, status != .wants, status != .full {
                self.mayHaveInput = false
                return self.inputOver(tls, status)
            }
        }
    }

    private func inputOver(_ tls: TLSSession, _ status: TLSSession.Status) {
        if tls.isInputOver { return }
        tls.isInputOver = true
        switch status {
        case .closed: self.inputEnded()
        // Somebody on the way may have cut the connection.
        case .truncated: self.failed(ECONNRESET, whileWriting: false)
        default: self.failed(tls.failureCode, whileWriting: false)
        }
    }

    // MARK: Writing

    final func writeThrough(_ tls: TLSSession, _ bytes: ByteView, _ tail: ByteView) {
        let output = self.beginOutput()
        var rest = bytes
        if !self.isConnecting, !self.isWriteBlocked, !tls.isHandshaking {
            // A record that has begun is filled; whole ones are encrypted where they lie.
            let begun = output.count % Self.recordSize
            if begun > 0 {
                let part = min(Self.recordSize - begun, rest.count)
                output.append(rest[0..<part])
                rest = rest.dropFirst(part)
            }
            if self.seal(output, tls) {
                let whole = rest.count / Self.recordSize * Self.recordSize
                rest = rest.dropFirst(self.seal(rest[0..<whole], tls))
            }
        }
        output.append(rest)
        output.append(tail)
        if self.isWriteFailed || self.isConnecting || self.isWriteBlocked || tls.isHandshaking { return }
        if self.seal(output, tls) { _ = self.sendSealed(tls) }
    }

    final func flush(through tls: TLSSession) {
        tls.hasProgressed = false
        // Before more is encrypted: a socket that takes less than a sink at a time would never see the end of
        // it.
        if tls.wire != nil, !self.sendSealed(tls) { return self.flushStopped(tls) }
        var mayHaveMore = true
        while mayHaveMore {
            if tls.isHandshaking {
                mayHaveMore = false
            } else {
                if self.fillsOutput { self.fill() }
                if self.isClosed { return }
                mayHaveMore = self.fillsOutput && self.output?.isEmpty == false
                if let output = self.output, !self.seal(output, tls) { return self.flushStopped(tls) }
                if self.isShutdownDue, !mayHaveMore { tls.end() }
            }
            if !self.sendSealed(tls) { return self.flushStopped(tls) }
        }
        if !tls.isHandshaking { self.outputWritten() }
    }

    private func flushStopped(_ tls: TLSSession) {
        if self.isWriteFailed {
            let code = self.untoldError
            self.untoldError = 0
            if code != 0 { self.failed(code, whileWriting: true) }
        } else if tls.hasProgressed {
            self.outputProgressed()
        }
    }

    /// Encrypts the buffer's bytes; what cannot leave now stays in it.
    ///
    /// - Returns: Whether all was taken.
    private func seal(_ output: ByteBuffer, _ tls: TLSSession) -> Bool {
        output.consume(self.seal(output.view, tls))
        return output.isEmpty && !self.isWriteBlocked && !self.isWriteFailed
    }

    /// Encrypts `bytes` into the sink, and sends whenever that is full.
    ///
    /// - Returns: How many were taken: all, unless the socket is full or has failed.
    private func seal(_ bytes: ByteView, _ tls: TLSSession) -> Int {
        var taken = 0
        while taken < bytes.count {
            guard let count = tls.write(bytes.dropFirst(taken)) else {
                tls.sink.reset()
                self.writingFailed(EPROTO)
                break
            }
            taken += count
            if taken < bytes.count, !self.sendSealed(tls) { break }
        }
        return taken
    }

    /// Sends what had to wait, and the sink's bytes behind it.
    ///
    /// - Parameter beforeClose: The kernel may hold them back until the close, which comes next.
    /// - Returns: Whether everything is written.
    private func sendSealed(_ tls: TLSSession, beforeClose: Bool = false) -> Bool {
        if self.isWriteFailed {
            // Other sessions use the sink, too.
            tls.sink.reset()
            return false
        }
        let waiting = tls.wire?.count ?? 0
        let total = waiting + tls.sink.count
        if total == 0 { return !self.isWriteBlocked }
        if self.isWriteBlocked {
            self.keepSealed(tls, behind: 0)
            return false
        }
        switch self.write(tls, beforeClose) {
        case .bytes(total):
            tls.sink.reset()
            self.dropWire(tls)
            return true
        case .bytes(let count):
            tls.hasProgressed = true
            self.keepSealed(tls, behind: count)
        case .wouldBlock: self.keepSealed(tls, behind: 0)
        case .failed(let code):
            tls.sink.reset()
            self.dropWire(tls)
            self.writingFailed(code)
            return false
        }
        self.isWriteBlocked = true
        return false
    }

    /// In one call.
    private func write(_ tls: TLSSession, _ beforeClose: Bool) -> Socket.Outcome {
        let waiting = tls.wire?.view ?? .empty
        if beforeClose { return self.socket.write(waiting, tls.sink.view, .empty, beforeClose: true) }
        if waiting.isEmpty { return self.socket.write(tls.sink.view) }
        if tls.sink.count == 0 { return self.socket.write(waiting) }
        return self.socket.write(waiting, tls.sink.view, .empty)
    }

    private func writingFailed(_ code: Int32) {
        self.endWriting(code)
        self.untoldError = code
        self.loop.flushSoon(self)
    }

    /// Makes room in the sink: what is in it, and is not among the first `sent` bytes, waits in `wire`.
    private func keepSealed(_ tls: TLSSession, behind sent: Int) {
        let waiting = tls.wire?.count ?? 0
        tls.wire?.consume(min(sent, waiting))
        let rest = tls.sink.view.dropFirst(max(sent - waiting, 0))
        if !rest.isEmpty {
            let wire = tls.wire ?? self.loop.takeBuffer()
            wire.append(rest)
            tls.wire = wire
        }
        tls.sink.reset()
    }

    private func dropWire(_ tls: TLSSession) {
        guard let wire = tls.wire else { return }
        tls.wire = nil
        self.loop.giveBack(wire)
    }

    // MARK: Closing

    /// As far as the socket takes it at once.
    final func writeLast(through tls: TLSSession) {
        if let output = self.output, !tls.isHandshaking { _ = self.seal(output, tls) }
        _ = self.sendSealed(tls)
        self.dropWire(tls)
    }

    /// Says that no more will come, when that can leave behind what was sent.
    final func endOutput(of tls: TLSSession) {
        if !self.isConnecting, !self.isWriteBlocked, !self.isWriteFailed, !tls.isHandshaking {
            tls.end()
            // With nothing left unread the close sends an end, and not a reset that would drop this.
            _ = self.sendSealed(tls, beforeClose: tls.isInputOver)
        }
        self.dropWire(tls)
    }
}
