public import Filtering
public import Primitives

// What the user of a session sends. Calls for a stream that is over do nothing.

extension HTTP2Session {
    /// No DATA frame is larger, whatever the peer allows, so that streams take turns.
    static var dataFrameLimit: Int { 16_384 }

    /// Sends a response's head, final or informational.
    ///
    /// - Parameters:
    ///   - block: Read before the call returns.
    ///   - framing: Its `content-length`, when it has one.
    ///   - options: As for HTTP/1; `upgrade` here answers an extended CONNECT.
    public func sendResponse(
        _ stream: HTTP2Stream, _ block: HeaderBlock, framing: BodyFraming, options: ResponseHeadOptions,
        endOfStream: Bool
    ) {
        if stream.isOver || stream.isLocalEnded || self.failure != nil { return }
        if block.status >= 200 || options.upgrade { stream.isHeadSent = true }
        let output = self.handler.output()
        self.encoder.fill(output, response: block, framing: framing, options: options)
        self.finishHead(stream, output, endOfStream: endOfStream)
    }

    /// Opens a stream with a request.
    ///
    /// - Parameters:
    ///   - block: Read before the call returns.
    ///   - options: As for HTTP/1; `upgrade` asks by extended CONNECT, if ``peerAllowsExtendedConnect``.
    ///   - upgradeIndex: As in ``RequestFacts/upgradeIndex``.
    /// - Returns: nil when ``canOpenStream`` is false.
    public func sendRequest(
        _ block: HeaderBlock, framing: BodyFraming, options: RequestHeadOptions, endOfStream: Bool,
        owner: AnyObject? = nil, upgradeIndex: Int = 0
    ) -> HTTP2Stream? {
        guard self.side == .client, self.canOpenStream else { return nil }
        let stream = self.makeStream(id: self.nextStream)
        self.nextStream += 2
        stream.owner = owner
        stream.isHeadSent = true
        let method = block.method
        stream.isHead = method == "HEAD"
        stream.isConnect = method == "CONNECT"
        stream.upgradeIndex = options.upgrade ? upgradeIndex : -1
        let output = self.handler.output()
        self.encoder.fill(output, request: block, framing: framing, options: options)
        self.finishHead(stream, output, endOfStream: endOfStream)
        return stream
    }

    private func finishHead(_ stream: HTTP2Stream, _ output: ByteBuffer, endOfStream: Bool) {
        self.encoder.finish(
            in: output, stream: stream.id, flags: endOfStream ? .endStream : [],
            maxFrameSize: min(self.peerMaxFrameSize, Self.dataFrameLimit))
        self.noteOutput(output)
        if endOfStream { self.localEndSent(stream) }
    }

    /// Sends bytes of a body, or keeps what windows and output do not take: see
    /// ``HTTP2Stream/isWriteBlocked``.
    public func sendBody(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool) {
        if stream.isOver || stream.isLocalEnded || self.failure != nil { return }
        if bytes.isEmpty, !endOfStream { return }
        var sent = 0
        if stream.unsent == nil {
            sent = self.writeData(stream, bytes, endOfStream: endOfStream, limit: bytes.count)
            if stream.isEndSent { return self.localEndSent(stream) }
            if sent == bytes.count, !endOfStream { return }
        }
        stream.isLocalEnded = endOfStream
        stream.isEndUnsent = endOfStream
        let unsent = stream.unsent ?? self.handler.takeBuffer()
        unsent.append(bytes.dropFirst(sent))
        stream.unsent = unsent
        self.enqueueIfWaiting(stream)
    }

    /// Ends our side with trailers; without fields it is just the end.
    ///
    /// - Parameter block: Read before the call returns.
    public func sendTrailers(_ stream: HTTP2Stream, _ block: HeaderBlock) {
        if stream.isOver || stream.isLocalEnded || self.failure != nil { return }
        if block.count == 0 { return self.sendBody(stream, .empty, endOfStream: true) }
        if stream.unsent == nil {
            let output = self.handler.output()
            self.encoder.fill(output, trailers: block)
            return self.finishHead(stream, output, endOfStream: true)
        }
        stream.isLocalEnded = true
        stream.isEndUnsent = true
        let buffer = self.handler.takeBuffer()
        HPACKEncoder.save(trailers: block, to: buffer)
        stream.unsentTrailers = buffer
    }

    /// Writes DATA frames while windows and the output have room, `limit` bytes at most.
    ///
    /// - Returns: How many bytes were written. END_STREAM stands on the last.
    private func writeData(_ stream: HTTP2Stream, _ bytes: ByteView, endOfStream: Bool, limit: Int) -> Int {
        let output = self.handler.output()
        let frameLimit = min(self.peerMaxFrameSize, Self.dataFrameLimit)
        var sent = 0
        repeat {
            let rest = bytes.count &- sent
            let room = min(
                min(stream.sendWindow, self.sendWindow),
                min(self.settings.outputLimit &- output.count, limit &- sent))
            let length = min(min(rest, frameLimit), max(room, 0))
            // Nothing fits, unless there is nothing but the end to be sent.
            if length == 0, rest > 0 { return sent }
            let isLast = endOfStream && length == rest
            output.appendFrame(
                length: length, kind: HTTP2FrameKind.data, flags: isLast ? .endStream : [], stream: stream.id)
            output.append(bytes.slice(from: sent, to: sent &+ length))
            stream.sendWindow &-= length
            self.sendWindow &-= length
            sent &+= length
            if length > 0 { self.flood.dataPassed() }
            if isLast { stream.isEndSent = true }
        } while sent < bytes.count && sent < limit
        return sent
    }

    // MARK: The queue of what waits

    func enqueueIfWaiting(_ stream: HTTP2Stream) {
        guard let unsent = stream.unsent, !stream.isQueued, stream.sendWindow > 0 || unsent.isEmpty else {
            return
        }
        stream.isQueued = true
        stream.next = nil
        stream.previous = self.queueTail
        if let tail = self.queueTail { tail.next = stream } else { self.queueHead = stream }
        self.queueTail = stream
    }

    func dequeue(_ stream: HTTP2Stream) {
        guard stream.isQueued else { return }
        stream.isQueued = false
        if let previous = stream.previous {
            previous.next = stream.next
        } else {
            self.queueHead = stream.next
        }
        if let next = stream.next {
            next.previous = stream.previous
        } else {
            self.queueTail = stream.previous
        }
        stream.next = nil
        stream.previous = nil
    }

    /// Sends what waits, a frame of each stream in turn.
    func writeQueued() {
        while self.failure == nil, let stream = self.queueHead, let unsent = stream.unsent {
            if !unsent.isEmpty {
                let hasRoom = self.sendWindow > 0 && self.handler.output().count < self.settings.outputLimit
                guard hasRoom else { return }
            }
            self.dequeue(stream)
            let isEnd = stream.isEndUnsent && stream.unsentTrailers == nil
            let sent = self.writeData(stream, unsent.view, endOfStream: isEnd, limit: Self.dataFrameLimit)
            unsent.consume(sent)
            guard unsent.isEmpty, !isEnd || stream.isEndSent else {
                self.enqueueIfWaiting(stream)
                continue
            }
            stream.unsent = nil
            self.handler.giveBack(unsent)
            self.unsentIsGone(stream)
        }
    }

    private func unsentIsGone(_ stream: HTTP2Stream) {
        if let trailers = stream.unsentTrailers {
            stream.unsentTrailers = nil
            let output = self.handler.output()
            self.encoder.fill(output, saved: trailers.view)
            self.finishHead(stream, output, endOfStream: true)
            self.handler.giveBack(trailers)
        }
        if !stream.isOver { self.handler.outputDrained(stream) }
        if stream.isEndSent, !stream.isOver { self.localEndSent(stream) }
    }

    private func localEndSent(_ stream: HTTP2Stream) {
        stream.isLocalEnded = true
        stream.isEndSent = true
        self.closeIfDone(stream)
    }

    // MARK: Turns

    /// Goes on with everything that waits: resumed streams, bytes that found no room, and the last word
    /// about streams that are over.
    ///
    /// Calls the handler. A call from inside the handler does nothing.
    public func finishTurn() {
        if self.isFinishing { return }
        if self.resumed.isEmpty, self.ended.isEmpty, self.queueHead == nil, !self.isFailureUntold { return }
        self.isFinishing = true
        while let stream = self.resumed.popLast() { self.deliverHeld(stream) }
        self.writeQueued()
        self.tellEnded()
        if let failure = self.failure, self.isFailureUntold {
            self.isFailureUntold = false
            self.handler.failed(failure)
        }
        self.isFinishing = false
        if !self.resumed.isEmpty || !self.ended.isEmpty { self.handler.turnWanted() }
    }

    /// Says the last word about streams that are over, and keeps them for the next.
    func tellEnded() {
        while var stream = self.ended.popLast() {
            if let end = stream.ending { self.handler.streamEnded(stream, end) }
            stream.owner = nil
            // Who still holds it keeps it.
            if isKnownUniquelyReferenced(&stream) { self.store.keep(stream) }
        }
    }
}
