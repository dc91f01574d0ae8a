internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call to ask a service.

private let ok = postern_status(POSTERN_OK)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)

/// The most fields of a callout.
private let largestFieldCount = 1024

/// A copy of the plugin's request; nil when a part is malformed.
private func copy(_ callout: postern_callout, service: String) -> Callout? {
    let head = HeaderBlock(capacity: 512)
    guard
        callout.size >= POSTERN_CALLOUT_SIZE_1_0, callout.timeout_ns > 0,
        callout.field_count <= largestFieldCount, callout.field_count == 0 || callout.fields != nil,
        let method = callout.method.view, let path = callout.path.view,
        let authority = callout.authority.view, let body = callout.body.view,
        head.set(ByteView(":method"), method) == .done, head.set(ByteView(":path"), path) == .done,
        head.set(ByteView(":scheme"), ByteView("http")) == .done,
        service.withByteView({ name in
            head.set(ByteView(":authority"), authority.isEmpty ? name : authority) == .done
        })
    else { return nil }
    for field in UnsafeBufferPointer(start: callout.fields, count: callout.field_count) {
        guard
            let name = field.name.view, let value = field.value.view, head.add(name, value) == .done
        else { return nil }
    }
    let limit = callout.answer_limit_bytes == 0 ? 1 << 20 : callout.answer_limit_bytes
    return Callout(
        service: service, head: head, body: body.bytes, timeout: callout.timeout_ns, answerLimit: limit)
}

private func lentFields(_ block: HeaderBlock) -> [postern_field] {
    (0..<block.count).map {
        postern_field(
            name: postern_bytes(block.name(block[$0])), value: postern_bytes(block.value(block[$0])),
            flags: 0, reserved: 0)
    }
}

/// Lends a result to the plugin's callback.
private func withResult(_ result: CalloutResult, _ body: (UnsafePointer<postern_callout_result>) -> Void) {
    var lent = postern_callout_result()
    lent.size = MemoryLayout<postern_callout_result>.size
    switch result {
    case .failed(let failure):
        lent.failure = postern_callout_failure(failure.rawValue)
        body(&lent)
    case .answer(let head, let bytes, let trailers):
        lent.status = UInt32(clamping: head.status)
        lent.body = postern_bytes(bytes)
        // SAFETY: the arrays, and the blocks that their views point into, live until `body` returns.
        lentFields(head).withUnsafeBufferPointer { fields in
            lentFields(trailers).withUnsafeBufferPointer { trailers in
                lent.fields = fields.baseAddress
                lent.field_count = fields.count
                lent.trailers = trailers.baseAddress
                lent.trailer_count = trailers.count
                body(&lent)
            }
        }
    }
}

func calloutsInterface() -> postern_callouts_interface {
    var table = postern_callouts_interface()
    table.size = MemoryLayout<postern_callouts_interface>.size
    table.service = { config, name, pointer, out in
        guard
            let context = ConfigContext.configuring(config), let name = name.view, let pointer = pointer.view,
            let out, !name.isEmpty
        else { return badArgument }
        out.pointee = context.add(ServiceUse(name: name.string, pointer: pointer.string))
        return ok
    }
    table.call = { waiter, callout, done, out in
        guard let waiter = Waiter(waiter), let callout, let done else { return badArgument }
        let service = Int(callout.pointee.service)
        guard
            service < waiter.config.services.count,
            let request = copy(callout.pointee, service: waiter.config.services[service].name)
        else { return badArgument }
        var number: PendingID?
        let begun = waiter.worker.call(request, for: waiter.stream) { result in
            let (stream, state) = waiter.arrive(number)
            withResult(result) { done(waiter.call.user, stream, state, $0) }
        }
        guard let begun else { return postern_status(POSTERN_NOT_FOUND) }
        number = begun
        waiter.began(begun, out)
        return ok
    }
    return table
}
