public import HTTPCodec
public import Primitives
public import Reactor

/// What an ``UpstreamConnection`` speaks for a client whose bytes pass as they are: one client's, never used
/// again.
///
///     connecting ──► open ──► half-closed, either way ──► closed
public final class TCPUpstreamStream: UpstreamStream {
    /// The most that waits for a connection that is still connecting, in bytes.
    private static let connectingLimit = 1 << 16

    /// The client's bytes have come to their end.
    private var isEnded = false

    /// Sends bytes, or keeps them until there is a connection.
    public override func sendTunnel(_ bytes: ByteView) { self.connection.send(bytes) }

    /// The client sends no more: the service is told once everything is written, then
    /// ``UpstreamSink/drained()`` is called.
    public override func endTunnel() {
        self.isEnded = true
        self.connection.shutdownOutput()
    }

    public override func sendUnsent(_ unsent: ByteBuffer, framing: BodyFraming, isComplete: Bool) {
        self.connection.sendUnsent(unsent)
        if isComplete { self.endTunnel() }
    }

    /// Closes the connection; what its socket does not take at once is dropped.
    public override func abandon() {
        self.sink = nil
        self.connection.closeWritingLast()
    }

    /// Closes so that the service sees that the client's bytes did not come to their end.
    public func reset() {
        self.sink = nil
        self.connection.abort()
    }

    public override var isWriteBlocked: Bool { self.connection.isWriteBlocked }
    public override var takesBody: Bool {
        !self.connection.isWriteBlocked
            && !(self.connection.isOpening && self.connection.unsentBytes > Self.connectingLimit)
    }
    public override func pauseReading() { self.connection.pauseReading() }
    public override func resumeReading() { self.connection.resumeReading() }

    /// The socket that takes what the client sends, once it is connected.
    public var target: SocketStream? { self.connection.isOpening ? nil : self.connection }

    /// Whether the connection is there.
    public var isConnected: Bool { !self.connection.isOpening }
    /// Bytes that wait to be written.
    public var unsentBytes: Int { self.connection.unsentBytes }

    // MARK: Events

    func received(_ bytes: ByteView) -> Int {
        self.sink?.tunnel(bytes)
        return bytes.count
    }

    func inputEnded() {
        guard let sink = self.sink else { return self.connection.close() }
        sink.tunnelEnded()
    }

    func outputDrained() { self.sink?.drained() }
    func outputProgressed() { self.sink?.progressed() }

    func connectionFailed(_ code: Int32, whileWriting: Bool) {
        if self.connection.isOpening {
            return self.fail(UpstreamError(self.connection.openingFailure(code), retry: .always))
        }
        if whileWriting {
            // What the service said before it closed is still to be read.
            self.sink?.writingFailed()
        } else {
            self.fail(UpstreamError(.closed(code)))
        }
    }

    /// Reading is paused, and both directions have ended or the service has broken off. In the first case
    /// what it said before is still to be read.
    func connectionLost() {
        if !self.isEnded { self.connectionFailed(0, whileWriting: false) }
    }

    func timedOut() {
        if self.connection.isOpening { self.fail(UpstreamError(.connectTimedOut, retry: .always)) }
    }

    private func fail(_ error: UpstreamError) {
        let sink = self.sink
        self.sink = nil
        let unsent = self.connection.isOpening ? self.connection.takeUnsent() : nil
        self.connection.close()
        sink?.failed(error, unsent: unsent)
    }
}
