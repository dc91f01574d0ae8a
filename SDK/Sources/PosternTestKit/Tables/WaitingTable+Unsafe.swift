internal import CPosternABI
internal import PosternSDK
internal import Synchronization

// What filters call to ask a service, and to wait for time and blocking work.

func calloutsTable() -> postern_callouts_interface {
    var table = postern_callouts_interface()
    table.size = MemoryLayout<postern_callouts_interface>.size
    table.service = { config, name, pointer, out in
        guard let place = TestPlace.configuring(config), let name = name.string,
            let pointer = pointer.string, let out, !name.isEmpty
        else { return badArgument }
        if let services = place.host.services, !services.contains(name) {
            place.missingServices.append(ConfigProblem(pointer, "there is no service '\(name)'"))
        }
        out.pointee = place.add(name, to: \.services)
        return ok
    }
    table.call = { pointer, callout, done, out in
        guard let waiter = TestWaiter(pointer), let callout = callout?.pointee, let done,
            Int(callout.service) < waiter.place.services.count,
            let request = copyRequest(callout, waiter.place.services[Int(callout.service)])
        else { return badArgument }
        let service = waiter.place.services[Int(callout.service)]
        if let services = waiter.place.host.services, !services.contains(service) { return notFound }
        let limit = callout.answer_limit_bytes == 0 ? 1 << 20 : callout.answer_limit_bytes
        let timeout = Duration.nanoseconds(Int64(clamping: callout.timeout_ns))
        let sent = TestCallout(service: service, request: request, timeout: timeout, answerLimit: limit)
        let call = waiter.call
        let deadline = waiter.place.host.time + timeout
        let pending = PendingWork(waiter, deadline: deadline, callout: sent) { stream, state, result in
            withResult(result) { done(call.user, stream, state, $0) }
        }
        out?.pointee = pending.id
        return ok
    }
    return table
}

private func copyRequest(_ callout: postern_callout, _ service: String) -> TestRequest? {
    guard callout.size >= POSTERN_CALLOUT_SIZE_1_0, callout.timeout_ns > 0,
        let method = callout.method.string, TestAttribute.isToken(method),
        let path = callout.path.string, path.hasPrefix("/"), let authority = callout.authority.string,
        let fields = copyFields(callout.fields, callout.field_count), let body = callout.body.copy
    else { return nil }
    var request = TestRequest(
        method, path, headers: fields, body: TestBody(parts: body.isEmpty ? [] : [body]))
    request.authority = authority.isEmpty ? service : authority
    return request
}

/// Lends a result to the plugin's callback.
private func withResult(
    _ result: Result<TestResponse, CalloutFailure>,
    _ body: (UnsafePointer<postern_callout_result>) -> Void
) {
    var lent = postern_callout_result()
    lent.size = MemoryLayout<postern_callout_result>.size
    switch result {
    case .failure(let failure):
        lent.failure = failure.code
        body(&lent)
    case .success(let response):
        // SAFETY: `memory` and the arrays live until `body` returns.
        let memory = StreamMemory(bytes: 0)
        func fields(_ fields: TestFields) -> [postern_field] {
            fields.list.map {
                postern_field(
                    name: memory.lend($0.name.utf8), value: memory.lend($0.value.utf8), flags: 0, reserved: 0)
            }
        }
        lent.status = UInt32(clamping: response.status)
        lent.body = memory.lend(response.body.bytes)
        fields(response.headers).withUnsafeBufferPointer { headers in
            fields(response.trailers).withUnsafeBufferPointer { trailers in
                (lent.fields, lent.field_count) = (headers.baseAddress, headers.count)
                (lent.trailers, lent.trailer_count) = (trailers.baseAddress, trailers.count)
                withExtendedLifetime(memory) { body(&lent) }
            }
        }
    }
}

func waitingTable() -> postern_waiting_interface {
    var table = postern_waiting_interface()
    table.size = MemoryLayout<postern_waiting_interface>.size
    table.set_timer = { pointer, delay, wake, out in
        guard let waiter = TestWaiter(pointer), let wake else { return badArgument }
        let deadline = waiter.place.host.time + .nanoseconds(Int64(clamping: delay))
        let call = waiter.call
        let pending = PendingWork(waiter, deadline: deadline) { stream, state, _ in
            wake(call.user, stream, state)
        }
        out?.pointee = pending.id
        return ok
    }
    // Descriptors are the kernel's: no virtual time holds for them.
    table.watch = { pointer, _, _, _ in
        _ = TestWaiter(pointer)
        return postern_status(POSTERN_FAILURE)
    }
    table.cancel = { pointer, id in
        guard let waiter = TestWaiter(pointer, keeps: false) else { return }
        _ = waiter.place.host.take(id)
    }
    table.offload = { pointer, work, done in
        guard let waiter = TestWaiter(pointer), let exchange = waiter.exchange, let work else {
            return badArgument
        }
        let (call, host, id) = (waiter.call, waiter.place.host, TestStreams.id(of: exchange))
        return host.shared.withLock { shared in
            guard shared.offloaded.count < host.offloadLimit else { return tooLarge }
            shared.offloaded.append {
                work(call.user)
                let posted = PostedWork(id: id, call: call, work: done)
                TestStreams.host(of: id)?.shared.withLock { $0.posted.append(posted) }
            }
            return ok
        }
    }
    table.now_ns = {
        TestWaiter($0, keeps: false).map { UInt64(clamping: $0.place.host.time.nanoseconds) } ?? 0
    }
    table.wall_time_ns = {
        TestWaiter($0, keeps: false).map { $0.place.host.timeSince1970.nanoseconds } ?? 0
    }
    return table
}
