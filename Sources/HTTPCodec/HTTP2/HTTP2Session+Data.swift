internal import Filtering
internal import Primitives

// DATA from the peer, and the windows that bound it (RFC 9113, 5.2 and 6.1).

extension HTTP2Session {
    /// The header of a DATA frame, and the length of its padding when it has any, were read.
    func beginData(_ frame: HTTP2FrameHeader, padding: UInt8) {
        guard frame.stream != 0 else { return self.fail(.protocolError, "http2.data_without_stream") }
        let isPadded = frame.flags.contains(.padded)
        guard !isPadded || frame.length > 0 else { return self.fail(.frameSizeError, "http2.bad_padding") }
        let bytes = frame.length - (isPadded ? 1 + Int(padding) : 0)
        guard bytes >= 0 else { return self.fail(.protocolError, "http2.bad_padding") }
        guard frame.length <= self.receiveWindow else {
            return self.fail(.flowControlError, "http2.connection_window_exceeded")
        }
        self.receiveWindow -= frame.length
        self.dataBytes = bytes
        self.dataPadding = Int(padding)
        self.isDataLast = frame.flags.contains(.endStream)
        self.isInData = true
        self.dataStream = nil
        if bytes > 0 {
            self.flood.dataPassed()
        } else if !self.isDataLast {
            guard self.spendControl() else { return }
        }
        if self.takeStreamData(frame, bytes), bytes == 0, padding == 0 {
            self.isInData = false
            if self.isDataLast, let stream = self.dataStream { self.deliver(stream, .empty, true) }
            self.dataStream = nil
        }
    }

    /// Finds the stream of a DATA frame.
    ///
    /// - Returns: false when the connection was ended.
    private func takeStreamData(_ frame: HTTP2FrameHeader, _ bytes: Int) -> Bool {
        guard let stream = self.streams.find(frame.stream) else {
            self.creditConnection(frame.length)
            self.dataWithoutStream(frame.stream)
            return self.failure == nil
        }
        // Padding is taken as soon as it comes.
        let overhead = frame.length - bytes
        if overhead > 0 { self.creditConnection(overhead) }
        if let fault = self.faultOfData(frame, bytes, stream) {
            self.creditConnection(bytes)
            self.failStream(stream, fault.code, fault.details)
            return self.failure == nil
        }
        stream.receiveWindow -= frame.length
        stream.uncredited += overhead
        if stream.missingBytes >= 0 { stream.missingBytes -= bytes }
        self.dataStream = stream
        return true
    }

    private func faultOfData(_ frame: HTTP2FrameHeader, _ bytes: Int, _ stream: HTTP2Stream) -> HTTP2Failure?
    {
        if stream.isRemoteEnded { return HTTP2Failure(.streamClosed, "http2.data_after_end") }
        if !stream.hasHead { return HTTP2Failure(.protocolError, "http2.data_before_head") }
        if frame.length > stream.receiveWindow {
            return HTTP2Failure(.flowControlError, "http2.stream_window_exceeded")
        }
        if stream.missingBytes >= 0 {
            let missing = stream.missingBytes - bytes
            if missing < 0 || self.isDataLast && missing != 0 {
                return HTTP2Failure(.protocolError, HTTPError.http2LengthMismatch.details)
            }
        }
        return nil
    }

    private func dataWithoutStream(_ id: UInt32) {
        if self.isIdle(id) { return self.fail(.protocolError, "http2.data_on_idle_stream") }
        switch self.closed.ending(of: id) {
        case .resetByUs: return
        case .resetByPeer, .finished: return self.fail(.streamClosed, "http2.data_on_closed_stream")
        case nil:
            // After GOAWAY streams are ignored; another ended long ago, or was never opened.
            if id <= self.lastAcceptedStream {
                self.failStream(id, .streamClosed, "http2.data_on_closed_stream")
            }
        }
    }

    /// Takes what is there of a DATA frame's payload.
    ///
    /// - Returns: 0 when there is nothing.
    func takeData(_ bytes: ByteView, at start: Int) -> Int {
        let available = bytes.count &- start
        let count = min(available, self.dataBytes)
        if count > 0 {
            self.dataBytes &-= count
            let isComplete = self.dataBytes == 0 && self.dataPadding == 0
            if let stream = self.dataStream, !stream.isOver {
                self.deliver(
                    stream, bytes.slice(from: start, to: start &+ count), isComplete && self.isDataLast)
            } else if self.dataStream != nil {
                // Reset while its frame was on the way: nobody takes the rest.
                self.creditConnection(count)
            }
            if isComplete { self.endData() }
            return count
        }
        let padding = min(available, self.dataPadding)
        guard padding > 0 else { return 0 }
        self.dataPadding &-= padding
        if self.dataPadding == 0 {
            if self.isDataLast, let stream = self.dataStream, !stream.isOver {
                self.deliver(stream, bytes.slice(from: start, to: start), true)
            }
            self.endData()
        }
        return padding
    }

    private func endData() {
        self.isInData = false
        self.dataStream = nil
    }

    /// Hands bytes on, or keeps them while the stream is paused; the windows bound how many those can be.
    private func deliver(_ stream: HTTP2Stream, _ bytes: ByteView, _ isLast: Bool) {
        if isLast { stream.isRemoteEnded = true }
        if stream.isPaused || stream.heldInput != nil {
            if !bytes.isEmpty {
                let held = stream.heldInput ?? self.handler.takeBuffer()
                stream.heldInput = held
                held.append(bytes)
                if !self.holdsOnConnection { self.creditConnection(bytes.count) }
            }
            if isLast { stream.isEndHeld = true }
        } else if isLast || !bytes.isEmpty {
            self.handler.body(stream, bytes, endOfStream: isLast)
            self.creditConnection(bytes.count)
            if stream.isOver { return }
            self.credit(stream, bytes.count)
        }
        if isLast { self.closeIfDone(stream) }
    }

    // MARK: Pausing

    /// Hands on no bytes of the stream until ``resume(_:)``: up to a window of them are kept, and the peer is
    /// given no more.
    public func pause(_ stream: HTTP2Stream) { stream.isPaused = true }

    /// Undoes ``pause(_:)``; what was kept comes with the next ``finishTurn()``.
    public func resume(_ stream: HTTP2Stream) {
        guard stream.isPaused else { return }
        stream.isPaused = false
        if stream.isOver || stream.isResumed || stream.heldInput == nil && !stream.isEndHeld { return }
        stream.isResumed = true
        self.resumed.append(stream)
        if !self.isFinishing { self.handler.turnWanted() }
    }

    /// Hands on what was kept, until the stream is paused again.
    func deliverHeld(_ stream: HTTP2Stream) {
        stream.isResumed = false
        while !stream.isOver, !stream.isPaused, let held = stream.heldInput {
            let part = held.view[0..<min(held.count, HTTP2Settings.maxFrameSize)]
            let isLast = stream.isEndHeld && !stream.hasTrailers && part.count == held.count
            if isLast { stream.isEndHeld = false }
            // Taken out for the call, which may reset the stream and so give the buffer back.
            stream.heldInput = nil
            self.handler.body(stream, part, endOfStream: isLast)
            let count = part.count
            held.consume(count)
            if stream.isOver {
                self.releaseHeld(count + held.count)
                self.handler.giveBack(held)
                return
            }
            self.releaseHeld(count)
            if held.isEmpty { self.handler.giveBack(held) } else { stream.heldInput = held }
            self.credit(stream, count)
        }
        guard !stream.isOver, !stream.isPaused, stream.heldInput == nil else { return }
        if stream.isEndHeld {
            stream.isEndHeld = false
            if stream.hasTrailers {
                self.handler.trailers(stream)
            } else {
                self.handler.body(stream, .empty, endOfStream: true)
            }
        }
        self.closeIfDone(stream)
    }

    // MARK: Windows

    /// Whether bytes that a paused stream keeps take up the connection's window.
    ///
    /// A client's do, so that one connection cannot make us keep more than that. A service answers many
    /// clients on one connection: there one that does not read must not stop the others, and only the
    /// windows of the streams bound what is kept.
    private var holdsOnConnection: Bool { self.side == .server }

    /// Bytes that were kept are no more.
    func releaseHeld(_ bytes: Int) { if self.holdsOnConnection { self.creditConnection(bytes) } }

    /// The handler has taken bytes of a stream: the peer may send as many again there.
    @inline(__always)
    private func credit(_ stream: HTTP2Stream, _ bytes: Int) {
        stream.uncredited += bytes
        if stream.uncredited * 2 >= self.settings.streamWindow, !stream.isRemoteEnded {
            let output = self.handler.output()
            self.writeWindowUpdate(stream: stream.id, stream.uncredited, to: output)
            stream.receiveWindow += stream.uncredited
            stream.uncredited = 0
        }
    }

    /// The same for the connection, in steps, so that not each frame is answered.
    @inline(__always)
    func creditConnection(_ bytes: Int) {
        self.uncredited += bytes
        if self.uncredited * 2 >= self.settings.connectionWindow, self.failure == nil {
            self.writeWindowUpdate(stream: 0, self.uncredited, to: self.handler.output())
            self.receiveWindow += self.uncredited
            self.uncredited = 0
        }
    }
}
