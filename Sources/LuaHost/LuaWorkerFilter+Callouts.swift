internal import CLua
internal import Filtering
internal import Primitives

// Calls of services: the script waits, and the stream with it.

extension LuaWorkerFilter {
    /// - Returns: false when no service has that name.
    func send(_ body: ByteView, timeout: UInt64, isAsynchronous: Bool, sendsForwardedFor: Bool) -> Bool {
        guard let pending = self.callout else { return false }
        self.callout = nil
        if sendsForwardedFor { self.addForwardedFor(pending.head) }
        let callout = Callout(
            service: pending.service, head: pending.head, body: body.bytes, timeout: timeout)
        let stream = self.stream
        if isAsynchronous { return stream.worker.call(callout, for: nil) { _ in } != nil }
        guard let slot = self.slot, let direction = self.direction else { return false }
        // The host forgets this with the stream, so stream and slot are good when it is called.
        return stream.worker.call(callout, for: stream) { [unowned self] result in
            self.arrived(result, direction, stream, slot)
        } != nil
    }

    /// The gateway's address, as Envoy gives its own.
    private func addForwardedFor(_ head: HeaderBlock) {
        guard case .bytes(let local) = self.stream.attribute(.known(.connectionLocalAddress)) else { return }
        var end = local.count
        while end > 0, local[end - 1] != 0x3A { end -= 1 }
        guard end > 1 else { return }
        var host = local[0..<(end - 1)]
        if host.count > 2, host[0] == 0x5B { host = host[1..<(host.count - 1)] }
        head.add(.xForwardedFor, host)
    }

    private func arrived(
        _ result: CalloutResult, _ direction: StreamDirection, _ stream: FilterStream, _ slot: FilterSlot
    ) {
        let waiting = LuaStreamState(slot)[direction]
        guard let call = waiting.call, waiting.outcome == POSTERN_LUA_WAITS_FOR_ANSWER else { return }
        LuaStreamState(slot)[direction].call = nil
        switch result {
        case .answer(let head, let body, _):
            self.goOn(call, LuaAnswer(head: head, body: body), direction, stream, slot)
        case .failed(let failure):
            let made = LuaAnswer.made(for: failure)
            made.body.withByteView {
                self.goOn(call, LuaAnswer(head: made.head, body: $0), direction, stream, slot)
            }
        }
    }

    private func goOn(
        _ call: OpaquePointer, _ answer: LuaAnswer, _ direction: StreamDirection, _ stream: FilterStream,
        _ slot: FilterSlot
    ) {
        self.enter(stream, slot, direction)
        self.serviceAnswer = answer.head
        self.isOutsideHook = true
        let held = stream.heldBody(direction, by: slot.index)
        let outcome = postern_lua_answer(call, postern_lua_text(answer.body), postern_lua_text(held))
        self.isOutsideHook = false
        self.serviceAnswer = nil
        let action = self.finish(
            outcome, postern_lua_vm_of(call), call, direction, stream, slot, isHead: true)
        switch action {
        case .continue: stream.resume(direction, by: slot.index)
        case .buffer: stream.resumeBuffering(direction, by: slot.index)
        case .pause, .responded: break
        case .failed:
            if stream.respond(LocalResponse(status: 500, details: "lua_error")) {
                stream.countError(by: slot.index)
                return
            }
            // The response has begun: the next hook, in which it can be cut off, says so.
            LuaStreamState(slot).hasFailed = true
            stream.resume(direction, by: slot.index)
        }
    }
}
