internal import Filtering
internal import Primitives

// HEADERS and CONTINUATION (RFC 9113, 6.2 and 6.10).

extension HTTP2Session {
    func takeHeaders(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream != 0 else { return self.fail(.protocolError, "http2.head_without_stream") }
        var start = 0
        var end = payload.count
        if frame.flags.contains(.padded) {
            guard payload.count >= 1 else { return self.fail(.frameSizeError, "http2.bad_head_length") }
            start = 1
            end -= Int(payload[0])
        }
        var dependsOnItself = false
        if frame.flags.contains(.priority) {
            guard payload.count >= start + 5 else {
                return self.fail(.frameSizeError, "http2.bad_head_length")
            }
            dependsOnItself = payload.integer32(at: start) & 0x7FFF_FFFF == frame.stream
            start += 5
        }
        guard end >= start else { return self.fail(.protocolError, "http2.bad_padding") }

        let isLast = frame.flags.contains(.endStream)
        self.header.isLast = isLast
        self.header.stream = frame.stream
        self.header.length = 0
        self.header.continuations = 0
        self.decoder.beginBlock()
        if let stream = self.streams.find(frame.stream) {
            self.beginHead(of: stream, isLast: isLast)
        } else {
            self.beginHead(ofNew: frame.stream)
        }
        guard self.failure == nil else { return }
        if dependsOnItself { self.failStream(frame.stream, .protocolError, "http2.stream_depends_on_itself") }
        self.takeFragment(payload.slice(from: start, to: end), isEnd: frame.flags.contains(.endHeaders))
    }

    /// A head on a stream that is not open: a request, or a late frame.
    private func beginHead(ofNew id: UInt32) {
        self.header.target = nil
        self.header.block = nil
        self.reader.begin(.discarded)
        // After GOAWAY they are not ours to judge; that too many come is.
        if id > self.lastAcceptedStream, self.side == .server, id & 1 == 1 {
            self.spendControl()
            return
        }
        guard self.isIdle(id) else {
            switch self.closed.ending(of: id) {
            // It was on its way when we reset the stream; more than one a stream is not.
            case .resetByUs:
                self.spendControl()
                return
            case .finished, .resetByPeer: return self.fail(.streamClosed, "http2.head_on_closed_stream")
            case nil:
                // After our GOAWAY it is a stream that was never taken (RFC 9113, 6.8).
                if id > self.lastAcceptedStream { return }
                return self.fail(.protocolError, "http2.bad_stream_number")
            }
        }
        guard self.side == .server, id & 1 == 1 else {
            return self.fail(.protocolError, "http2.bad_stream_number")
        }
        // Numbers that were left out can never be used (RFC 9113, 5.1.1).
        self.lastPeerStream = id
        guard self.streams.count < self.settings.maxConcurrentStreams else {
            return self.failStream(id, .refusedStream, "http2.too_many_streams")
        }
        let stream = self.makeStream(id: id)
        self.openBlock(stream, .request)
    }

    /// A response, or trailers.
    private func beginHead(of stream: HTTP2Stream, isLast: Bool) {
        self.header.target = nil
        self.header.block = nil
        self.reader.begin(.discarded)
        if stream.isRemoteEnded {
            if stream.isEndSent { return self.fail(.streamClosed, "http2.head_on_closed_stream") }
            return self.failStream(stream, .streamClosed, "http2.head_after_end")
        }
        if !stream.hasHead { return self.openBlock(stream, .response) }
        guard isLast else {
            return self.failStream(stream, .protocolError, "http2.trailers_without_end")
        }
        self.openBlock(stream, .trailers)
    }

    private func openBlock(_ stream: HTTP2Stream, _ kind: HTTP2HeadReader.Kind) {
        let block = self.handler.block(for: stream, isTrailers: kind == .trailers)
        if stream.isOver { return }
        block.reset()
        self.header.target = stream
        self.header.block = block
        self.reader.begin(kind)
    }

    /// Takes back the block of a head of the stream whose end has not come: it may be another message's from
    /// now on. The rest is only decoded, for the sake of the table.
    ///
    /// - Returns: Whether there was one. The end of the stream's input is never told then: reset it when
    ///   nothing else is to be sent.
    public func dropOpenHead(of stream: HTTP2Stream) -> Bool {
        guard let target = self.header.target, target === stream else { return false }
        self.header.target = nil
        self.header.block = nil
        return true
    }

    func takeContinuation(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard self.header.isOpen else { return self.fail(.protocolError, "http2.unexpected_continuation") }
        self.header.continuations += 1
        guard self.header.continuations <= self.settings.flood.continuations else {
            return self.fail(.enhanceYourCalm, "http2.continuation_flood")
        }
        if payload.isEmpty { self.spendControl() }
        guard self.failure == nil else { return }
        self.takeFragment(payload, isEnd: frame.flags.contains(.endHeaders))
    }

    /// Decodes a part of a head. All of it must be decoded, whatever becomes of it: the table belongs to the
    /// connection.
    private func takeFragment(_ fragment: ByteView, isEnd: Bool) {
        self.header.length += fragment.count
        // Twice what could be taken: nobody needs that, and decoding it is work.
        guard self.header.length <= 2 * self.settings.head.head + HTTP2Settings.maxFrameSize else {
            return self.fail(.enhanceYourCalm, "http2.head_far_too_large")
        }
        guard self.decode(fragment, isEnd: isEnd) else {
            return self.fail(.compressionError, "http2.bad_compression")
        }
        self.header.isOpen = !isEnd
        if isEnd { self.finishHead() }
    }

    /// - Returns: false when the fragment breaks HPACK's rules.
    private func decode(_ fragment: ByteView, isEnd: Bool) -> Bool {
        if self.fragment != nil || !isEnd { return self.decodeInPieces(fragment, isEnd: isEnd) }
        var rest = fragment
        return self.decode(&rest) == .done && self.decoder.mayEndBlock
    }

    private enum Decoded { case done, incomplete, failed }

    @inline(__always)
    private func decode(_ rest: inout ByteView) -> Decoded {
        // Held once for the loop, and not for each field.
        guard let block = self.header.block else {
            while true {
                switch self.decoder.next(&rest) {
                case .field: continue
                case .done: return .done
                case .incomplete: return .incomplete
                case .failed: return .failed
                }
            }
        }
        while true {
            switch self.decoder.next(&rest) {
            case .field(let field, let isNeverIndexed):
                self.reader.take(field, isNeverIndexed: isNeverIndexed, into: block)
            case .done: return .done
            case .incomplete: return .incomplete
            case .failed: return .failed
            }
        }
    }

    /// A head in several frames: whatever is no whole field waits for the next.
    @inline(never)
    private func decodeInPieces(_ fragment: ByteView, isEnd: Bool) -> Bool {
        let pieces = self.fragment ?? self.handler.takeBuffer()
        self.fragment = isEnd ? nil : pieces
        pieces.append(fragment)
        var rest = pieces.view
        let decoded = self.decode(&rest)
        pieces.consume(pieces.count - rest.count)
        if self.fragment == nil { self.handler.giveBack(pieces) }
        if !isEnd { return decoded != .failed }
        return decoded == .done && self.decoder.mayEndBlock
    }

    private func finishHead() {
        guard let stream = self.header.target, let block = self.header.block else { return }
        self.header.target = nil
        self.header.block = nil
        if stream.isOver { return }
        let isLast = self.header.isLast
        switch self.reader.kind {
        case .request:
            var facts = RequestFacts()
            self.reader.finishRequest(block, self.settings, &facts, endOfStream: isLast)
            guard self.headIsGood(stream) else { return }
            stream.isHead = facts.isHead
            stream.isConnect = facts.isConnect
            stream.upgradeIndex = facts.isUpgrade ? facts.upgradeIndex : -1
            self.bodyBegins(stream, facts.framing, isLast: isLast)
            if let error = self.reader.refused { return self.refuse(stream, error, isLast: isLast) }
            self.handler.requestHead(stream, facts, endOfStream: isLast)
        case .response:
            var facts = ResponseFacts()
            self.reader.finishResponse(block, stream, &facts, endOfStream: isLast)
            guard self.headIsGood(stream) else { return }
            if facts.isInformational {
                // Each costs us work, and no response need have many.
                guard self.spendControl() else { return }
                return self.handler.responseHead(stream, facts, endOfStream: false)
            }
            // A response that may not have a body has exactly 0 bytes of it.
            let framing = facts.framing == .none && !facts.isTunnel ? .length(0) : facts.framing
            self.bodyBegins(stream, framing, isLast: isLast)
            if let error = self.reader.refused {
                return self.refuse(stream, error.inResponse, isLast: isLast)
            }
            self.handler.responseHead(stream, facts, endOfStream: isLast)
        case .trailers:
            guard self.headIsGood(stream) else { return }
            if self.reader.refused != nil {
                return self.failStream(stream, .enhanceYourCalm, "http2.trailers_too_large")
            }
            guard stream.missingBytes <= 0 else {
                return self.failStream(stream, .protocolError, HTTPError.http2LengthMismatch.details)
            }
            self.reader.finishTrailers(block)
            stream.isRemoteEnded = true
            stream.hasTrailers = true
            if stream.isPaused || stream.heldInput != nil { return stream.isEndHeld = true }
            self.handler.trailers(stream)
        case .discarded: return
        }
        self.closeIfDone(stream)
    }

    /// Resets the stream of a malformed head.
    private func headIsGood(_ stream: HTTP2Stream) -> Bool {
        guard let error = self.reader.malformed else { return true }
        self.failStream(stream, .protocolError, error.details)
        return false
    }

    private func bodyBegins(_ stream: HTTP2Stream, _ framing: BodyFraming, isLast: Bool) {
        stream.hasHead = true
        stream.isRemoteEnded = isLast
        if case .length(let bytes) = framing {
            stream.missingBytes = Int(bytes)
        } else {
            stream.missingBytes = -1
        }
    }

    /// A head past a limit, or one that is not to be served.
    @inline(never)
    private func refuse(_ stream: HTTP2Stream, _ error: HTTPError, isLast: Bool) {
        self.handler.headRefused(stream, error, endOfStream: isLast)
        if stream.isOver { return }
        if !stream.isHeadSent || self.side == .client {
            return self.failStream(stream, .enhanceYourCalm, error.details)
        }
        // Answered: the rest of the request is not needed (RFC 9113, 8.1).
        if stream.isEndSent, !isLast { return self.stopRequest(stream) }
        self.closeIfDone(stream)
    }
}
