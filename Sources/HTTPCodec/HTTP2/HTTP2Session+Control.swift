internal import Filtering
internal import Primitives

// Frames about the connection and its windows (RFC 9113, 6.3 to 6.9).

extension HTTP2Session {
    func takeSettings(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream == 0 else { return self.fail(.protocolError, "http2.settings_on_stream") }
        guard self.spendControl() else { return }
        if frame.flags.contains(.ack) {
            guard payload.isEmpty else { return self.fail(.frameSizeError, "http2.bad_settings_length") }
            if !self.areSettingsAcknowledged {
                self.areSettingsAcknowledged = true
                self.decoder.changeTableSize(self.settings.headerTableSize)
                self.adoptInitialWindow()
            }
            return
        }
        guard payload.count % 6 == 0 else { return self.fail(.frameSizeError, "http2.bad_settings_length") }
        var initialWindow = self.peerInitialWindow
        for at in stride(from: 0, to: payload.count, by: 6) {
            let value = payload.integer32(at: at + 2)
            if let failure = self.takeSetting(payload.integer16(at: at), value, &initialWindow) {
                return self.fail(failure.code, failure.details)
            }
        }
        guard self.changeInitialWindow(to: initialWindow) else {
            return self.fail(.flowControlError, "http2.window_too_large")
        }
        self.hasPeerSettings = true
        self.writeControl { $0.appendFrame(length: 0, kind: HTTP2FrameKind.settings, flags: .ack, stream: 0) }
        self.handler.settingsChanged()
    }

    private func takeSetting(_ id: UInt16, _ value: UInt32, _ initialWindow: inout Int) -> HTTP2Failure? {
        switch id {
        case HTTP2SettingID.headerTableSize:
            self.encoder.changeTableSize(Int(value))
        case HTTP2SettingID.enablePush:
            // A server may only say 0.
            guard value == 0 || value == 1 && self.side == .server else {
                return HTTP2Failure(.protocolError, "http2.bad_setting")
            }
        case HTTP2SettingID.maxConcurrentStreams:
            self.peerMaxStreams = Int(value)
        case HTTP2SettingID.initialWindowSize:
            guard value <= UInt32(Int32.max) else {
                return HTTP2Failure(.flowControlError, "http2.bad_setting")
            }
            initialWindow = Int(value)
        case HTTP2SettingID.maxFrameSize:
            guard (16_384...16_777_215).contains(value) else {
                return HTTP2Failure(.protocolError, "http2.bad_setting")
            }
            self.peerMaxFrameSize = Int(value)
        case HTTP2SettingID.enableConnectProtocol:
            guard value == 1 || value == 0 && !self.peerAllowsExtendedConnect else {
                return HTTP2Failure(.protocolError, "http2.bad_setting")
            }
            self.peerAllowsExtendedConnect = value == 1
        default: break
        }
        return nil
    }

    /// Every open stream's window changes by the difference (RFC 9113, 6.9.2).
    private func changeInitialWindow(to bytes: Int) -> Bool {
        let difference = bytes - self.peerInitialWindow
        guard difference != 0 else { return true }
        self.peerInitialWindow = bytes
        for stream in self.streams.all() {
            stream.sendWindow += difference
            if stream.sendWindow > Int(Int32.max) { return false }
            if stream.sendWindow > 0 { self.enqueueIfWaiting(stream) }
        }
        return true
    }

    /// From its acknowledgement on the peer keeps to our window, even when it is smaller than the default.
    private func adoptInitialWindow() {
        let difference = self.settings.streamWindow - self.localInitialWindow
        guard difference != 0 else { return }
        self.localInitialWindow = self.settings.streamWindow
        for stream in self.streams.all() { stream.receiveWindow += difference }
    }

    func takePing(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream == 0 else { return self.fail(.protocolError, "http2.ping_on_stream") }
        guard payload.count == 8 else { return self.fail(.frameSizeError, "http2.bad_ping_length") }
        guard self.spendControl() else { return }
        if frame.flags.contains(.ack) { return self.handler.pingAcknowledged(payload.word(at: 0)) }
        self.writeControl {
            $0.appendFrame(length: 8, kind: HTTP2FrameKind.ping, flags: .ack, stream: 0)
            $0.append(payload)
        }
    }

    func takePriority(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream != 0 else { return self.fail(.protocolError, "http2.priority_without_stream") }
        guard self.spendControl() else { return }
        if payload.count != 5 {
            return self.failStream(frame.stream, .frameSizeError, "http2.bad_priority_length")
        }
        // Priorities are not used; that a stream cannot depend on itself RFC 7540 (5.3.1) demands.
        if payload.integer32(at: 0) & 0x7FFF_FFFF == frame.stream {
            self.failStream(frame.stream, .protocolError, "http2.stream_depends_on_itself")
        }
    }

    func takeReset(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream != 0, !self.isIdle(frame.stream) else {
            return self.fail(.protocolError, "http2.reset_of_idle_stream")
        }
        guard payload.count == 4 else { return self.fail(.frameSizeError, "http2.bad_reset_length") }
        guard let stream = self.streams.find(frame.stream) else {
            self.spendControl()
            return
        }
        let code = HTTP2ErrorCode(rawValue: payload.integer32(at: 0))
        if self.side == .server, !stream.isHeadSent {
            guard self.flood.spendReset() else { return self.fail(.enhanceYourCalm, "http2.too_many_resets") }
        } else if self.side == .client, stream.isRemoteEnded, stream.isLocalEnded || code == .noError {
            // The response is complete, and stands (RFC 9113, 8.1); only the rest of the request is unwanted.
            return self.cutRequestShort(stream, code)
        }
        let isUnprocessed = code == .refusedStream && self.side == .client
        self.close(stream, isUnprocessed ? .unprocessed : .resetByPeer(code), .resetByPeer)
    }

    func takeGoAway(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard frame.stream == 0 else { return self.fail(.protocolError, "http2.goaway_on_stream") }
        guard payload.count >= 8 else { return self.fail(.frameSizeError, "http2.bad_goaway_length") }
        guard self.spendControl() else { return }
        let last = min(payload.integer32(at: 0) & 0x7FFF_FFFF, self.lastAcceptedByPeer ?? .max)
        self.lastAcceptedByPeer = last
        if self.side == .client {
            for stream in self.streams.all() where stream.id > last {
                self.close(stream, .unprocessed, .resetByPeer)
            }
        }
        self.handler.goAway(lastStream: last, HTTP2ErrorCode(rawValue: payload.integer32(at: 4)))
    }

    func takeWindowUpdate(_ frame: HTTP2FrameHeader, _ payload: ByteView) {
        guard payload.count == 4 else { return self.fail(.frameSizeError, "http2.bad_window_update_length") }
        guard self.spendControl() else { return }
        let increment = Int(payload.integer32(at: 0) & 0x7FFF_FFFF)
        if frame.stream == 0 {
            guard increment > 0 else { return self.fail(.protocolError, "http2.empty_window_update") }
            self.sendWindow += increment
            if self.sendWindow > Int(Int32.max) { self.fail(.flowControlError, "http2.window_too_large") }
            return
        }
        guard !self.isIdle(frame.stream) else {
            return self.fail(.protocolError, "http2.window_update_of_idle_stream")
        }
        guard increment > 0 else {
            return self.failStream(frame.stream, .protocolError, "http2.empty_window_update")
        }
        guard let stream = self.streams.find(frame.stream) else { return }
        stream.sendWindow += increment
        if stream.sendWindow > Int(Int32.max) {
            return self.failStream(stream, .flowControlError, "http2.window_too_large")
        }
        if stream.sendWindow > 0 { self.enqueueIfWaiting(stream) }
    }

    /// Whether a stream was never opened (RFC 9113, 5.1).
    func isIdle(_ stream: UInt32) -> Bool {
        let isOurs = (stream & 1 == 1) == (self.side == .client)
        if isOurs { return stream >= self.nextStream }
        return stream > self.lastPeerStream && stream <= self.lastAcceptedStream
    }

    /// Counts a frame that may be part of a flood.
    ///
    /// - Returns: false when the connection was ended for it.
    @discardableResult
    func spendControl() -> Bool {
        if self.flood.spendControl() { return true }
        self.fail(.enhanceYourCalm, "http2.control_flood")
        return false
    }

    // MARK: Writing

    /// Appends a frame that answers the peer; too many that wait end the connection.
    @inline(__always)
    func writeControl(_ write: (ByteBuffer) -> Void) {
        let output = self.handler.output()
        if output.count > self.settings.unsentLimit {
            return self.fail(.enhanceYourCalm, "http2.replies_not_read")
        }
        write(output)
    }

    func writeSettings(to output: ByteBuffer) {
        let entries: [(UInt16, Int)] = [
            (HTTP2SettingID.headerTableSize, self.settings.headerTableSize),
            (HTTP2SettingID.initialWindowSize, self.settings.streamWindow),
            (HTTP2SettingID.maxHeaderListSize, self.settings.head.head),
            self.side == .client
                ? (HTTP2SettingID.enablePush, 0)
                : (HTTP2SettingID.maxConcurrentStreams, self.settings.maxConcurrentStreams),
        ]
        let offersConnect = self.side == .server && !self.settings.upgradeTokens.isEmpty
        let length = (entries.count + (offersConnect ? 1 : 0)) * 6
        output.appendFrame(length: length, kind: HTTP2FrameKind.settings, flags: [], stream: 0)
        for (id, value) in entries + (offersConnect ? [(HTTP2SettingID.enableConnectProtocol, 1)] : []) {
            output.append(integer16: id)
            output.append(integer32: UInt32(truncatingIfNeeded: value))
        }
    }

    func writeWindowUpdate(stream: UInt32, _ bytes: Int, to output: ByteBuffer) {
        output.appendFrame(length: 4, kind: HTTP2FrameKind.windowUpdate, flags: [], stream: stream)
        output.append(integer32: UInt32(truncatingIfNeeded: bytes))
        self.noteOutput(output)
    }

    /// Asks the peer for a sign of life; the handler gets `data` back.
    public func ping(_ data: UInt64) {
        guard self.failure == nil else { return }
        let output = self.handler.output()
        output.appendFrame(length: 8, kind: HTTP2FrameKind.ping, flags: [], stream: 0)
        // In memory order, as `takePing` reads it.
        output.append(integer32: UInt32(truncatingIfNeeded: data).bigEndian)
        output.append(integer32: UInt32(truncatingIfNeeded: data >> 32).bigEndian)
    }
}
