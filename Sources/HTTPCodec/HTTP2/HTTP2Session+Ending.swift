internal import Filtering
internal import Primitives

// How streams and the connection end (RFC 9113, 5.4).

extension HTTP2Session {
    /// Ends the stream with RST_STREAM; the handler is told nothing more about it.
    public func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        if stream.isOver { return }
        if self.failure == nil { self.writeReset(stream.id, code) }
        self.close(stream, nil, .resetByUs)
    }

    /// Tells the peer that the connection will end, and goes on taking streams; ``goAway(_:)`` follows when
    /// those that were on their way have had time to come, one round trip or more later (RFC 9113, 6.8).
    public func announceShutdown() {
        guard self.failure == nil, self.side == .server, self.lastAcceptedStream == UInt32(Int32.max) else {
            return
        }
        self.writeGoAway(UInt32(Int32.max), .noError, "")
    }

    /// Takes no streams from now on; those that are open go on. See ``isDrained``.
    public func goAway(_ code: HTTP2ErrorCode = .noError) {
        guard self.failure == nil, self.lastAcceptedStream == UInt32(Int32.max) else { return }
        self.lastAcceptedStream = self.lastPeerStream
        self.writeGoAway(self.lastPeerStream, code, "")
    }

    /// The connection is gone, or is given up: every stream ends, with `code`, in the next ``finishTurn()``.
    ///
    /// GOAWAY is written, for who can still read it.
    public func end(_ code: HTTP2ErrorCode, _ details: StaticString = "http2.ended") {
        self.fail(code, details)
    }

    private func writeGoAway(_ last: UInt32, _ code: HTTP2ErrorCode, _ details: StaticString) {
        let output = self.handler.output()
        let text = ByteView(details)
        output.appendFrame(length: 8 + text.count, kind: HTTP2FrameKind.goAway, flags: [], stream: 0)
        output.append(integer32: last)
        output.append(integer32: code.rawValue)
        output.append(text)
    }

    private func writeReset(_ stream: UInt32, _ code: HTTP2ErrorCode) {
        self.writeControl {
            $0.appendFrame(length: 4, kind: HTTP2FrameKind.reset, flags: [], stream: stream)
            $0.append(integer32: code.rawValue)
        }
    }

    /// A connection error: GOAWAY, and every stream ends.
    @inline(never)
    func fail(_ code: HTTP2ErrorCode, _ details: StaticString) {
        guard self.failure == nil else { return }
        self.writeGoAway(self.lastPeerStream, code, details)
        self.failure = HTTP2Failure(code, details)
        self.isFailureUntold = true
        self.header = HTTP2HeaderBlockState()
        if let fragment = self.fragment {
            self.fragment = nil
            self.handler.giveBack(fragment)
        }
        self.dataStream = nil
        for stream in self.streams.all() {
            let isUnseen = self.side == .client && stream.id > self.lastAcceptedByPeer ?? .max
            self.close(stream, isUnseen ? .unprocessed : .connectionEnded(code), .resetByUs)
        }
        self.handler.turnWanted()
    }

    /// A stream error, for a stream that may not be open.
    func failStream(_ id: UInt32, _ code: HTTP2ErrorCode, _ details: StaticString) {
        if let stream = self.streams.find(id) { return self.failStream(stream, code, details) }
        // RST_STREAM must not name a stream that was never opened (RFC 9113, 6.4).
        if self.isIdle(id) { return self.fail(code, details) }
        guard self.flood.spendReset() else { return self.fail(.enhanceYourCalm, "http2.too_many_resets") }
        self.closed.add(id, .resetByUs)
        self.writeReset(id, code)
    }

    /// A stream error: the peer broke a rule that concerns one stream.
    @inline(never)
    func failStream(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode, _ details: StaticString) {
        if stream.isOver || self.failure != nil { return }
        guard self.flood.spendReset() else { return self.fail(.enhanceYourCalm, "http2.too_many_resets") }
        stream.fault = details
        self.writeReset(stream.id, code)
        self.close(stream, .failed(code), .resetByUs)
    }

    /// Both sides have sent all; a client's stream lasts until what came was handed on.
    func closeIfDone(_ stream: HTTP2Stream) {
        guard !stream.isOver, stream.isRemoteEnded, stream.isEndSent else { return }
        if self.side == .client, !stream.isInputEnded { return }
        if stream.ending == nil { self.flood.streamFinished() }
        self.close(stream, stream.ending ?? .finished, .finished)
    }

    /// We have answered, and want no more of the request (RFC 9113, 8.1).
    func stopRequest(_ stream: HTTP2Stream) {
        self.writeReset(stream.id, .noError)
        self.close(stream, .finished, .resetByUs)
    }

    /// The peer wants no more of a request that it has answered completely.
    func cutRequestShort(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        if stream.isEndSent { return }
        self.dropUnsent(stream)
        stream.isLocalEnded = true
        stream.isEndSent = true
        stream.ending = .resetByPeer(code)
        self.closeIfDone(stream)
    }

    /// Takes the stream out; the last word about it is said in ``finishTurn()``.
    func close(_ stream: HTTP2Stream, _ end: HTTP2StreamEnd?, _ ending: HTTP2ClosedStreams.Ending) {
        if stream.isOver { return }
        stream.isOver = true
        stream.ending = end
        self.dropUnsent(stream)
        if let held = stream.heldInput {
            stream.heldInput = nil
            self.releaseHeld(held.count)
            self.handler.giveBack(held)
        }
        stream.isEndHeld = false
        _ = self.dropOpenHead(of: stream)
        self.closed.add(stream.id, ending)
        // From here on only the list keeps it, so that it can be used again.
        guard let kept = self.streams.remove(stream.id) else { return }
        self.ended.append(kept)
        if !self.isFinishing { self.handler.turnWanted() }
    }

    private func dropUnsent(_ stream: HTTP2Stream) {
        self.dequeue(stream)
        if let unsent = stream.unsent {
            stream.unsent = nil
            self.handler.giveBack(unsent)
        }
        if let trailers = stream.unsentTrailers {
            stream.unsentTrailers = nil
            self.handler.giveBack(trailers)
        }
    }
}
