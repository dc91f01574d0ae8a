public import HTTPCodec
public import Primitives
internal import Reactor

/// What an ``UpstreamConnection`` speaks for a client whose bytes pass as they are: one client's, never used
/// again.
///
///     connecting ──► open ──► half-closed, either way ──► closed
public final class TCPUpstreamStream: UpstreamStream {
    /// The most that waits for a connection that is still connecting, in bytes.
    private static let connectingLimit = 1 << 16

    /// Sends bytes, or keeps them until there is a connection.
    public override func sendTunnel(_ bytes: ByteView) { self.connection.send(bytes) }

    /// The client sends no more: the service is told once everything is written, then
    /// ``UpstreamSink/drained()`` is called.
    public override func endTunnel() { self.connection.shutdownOutput() }

    public override func sendUnsent(_ unsent: ByteBuffer, framing: BodyFraming, isComplete: Bool) {
        self.connection.sendUnsent(unsent)
        if isComplete { self.endTunnel() }
    }

    /// Closes the connection; what waits is dropped.
    public override func abandon() {
        self.sink = nil
        self.connection.close()
    }

    /// Closes so that the service sees that the client's bytes did not come to their end.
    public func reset() {
        self.sink = nil
        self.connection.abort()
    }

    public override var isWriteBlocked: Bool { self.connection.isWriteBlocked }
    public override var takesBody: Bool {
        !self.connection.isWriteBlocked
            && !(self.connection.isConnecting && self.connection.unsentBytes > Self.connectingLimit)
    }
    public override func pauseReading() { self.connection.pauseReading() }
    public override func resumeReading() { self.connection.resumeReading() }

    /// Whether the connection is there.
    public var isConnected: Bool { !self.connection.isConnecting }
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
        if self.connection.isConnecting {
            return self.fail(UpstreamError(.connectFailed(code), retry: .always))
        }
        if whileWriting {
            // What the service said before it closed is still to be read.
            self.sink?.writingFailed()
        } else {
            self.fail(UpstreamError(.closed(code)))
        }
    }

    func timedOut() {
        if self.connection.isConnecting { self.fail(UpstreamError(.connectTimedOut, retry: .always)) }
    }

    private func fail(_ error: UpstreamError) {
        let sink = self.sink
        self.sink = nil
        let unsent = self.connection.isConnecting ? self.connection.takeUnsent() : nil
        self.connection.close()
        sink?.failed(error, unsent: unsent)
    }
}
