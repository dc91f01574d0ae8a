internal import CPosternABI
internal import Filtering
internal import Primitives

// What plugins call for bodies, answers and asynchronous work.

private let ok = postern_status(POSTERN_OK)
private let badArgument = postern_status(POSTERN_BAD_ARGUMENT)
private let wrongPhase = postern_status(POSTERN_WRONG_PHASE)

/// The most fields of a local response.
private let largestFieldCount = 1024

func direction(_ value: postern_direction) -> StreamDirection? {
    switch value {
    case 0: .request
    case 1: .response
    default: nil
    }
}

/// A copy of the plugin's response; nil when a pointer or a number is impossible.
private func copy(_ response: postern_local_response) -> LocalResponse? {
    guard
        response.size >= POSTERN_LOCAL_RESPONSE_SIZE_1_0, (200...599).contains(response.status),
        (0...largestFieldCount).contains(response.field_count),
        response.field_count == 0 || response.fields != nil,
        let body = response.body.view, let details = response.details.view
    else { return nil }
    var copy = LocalResponse(status: Int(response.status), body: body.bytes, details: details.string)
    for field in UnsafeBufferPointer(start: response.fields, count: response.field_count) {
        guard
            let name = field.name.view, let value = field.value.view,
            HeaderSyntax.isName(name), HeaderSyntax.isValue(value)
        else { return nil }
        copy.headers.append((name: name.string, value: value.string))
    }
    return copy
}

func streamInterface() -> postern_http_stream_interface {
    var table = postern_http_stream_interface()
    table.size = MemoryLayout<postern_http_stream_interface>.size
    table.body = { stream, out in
        guard let header = liveHeader(stream), header.pointee.isInBody else { return wrongPhase }
        out?.pointee = header.pointee.stream._withUnsafeGuaranteedRef { postern_bytes($0.body) }
        return ok
    }
    table.replace_body = { stream, bytes in
        guard let header = liveHeader(stream), header.pointee.isInBody else { return wrongPhase }
        guard let bytes = bytes.view else { return badArgument }
        header.pointee.stream._withUnsafeGuaranteedRef { $0.replaceBody(bytes) }
        return ok
    }
    table.will_change_body = { stream, way in
        guard let header = liveHeader(stream) else { return wrongPhase }
        guard let way = direction(way) else { return badArgument }
        header.pointee.stream._withUnsafeGuaranteedRef { $0.willChangeBody(way) }
        return ok
    }
    table.respond = { stream, response in
        guard let header = liveHeader(stream) else { return wrongPhase }
        guard let response, let copy = copy(response.pointee) else { return badArgument }
        guard header.pointee.stream.takeUnretainedValue().respond(copy) else { return wrongPhase }
        header.pointee.hasResponded = true
        return ok
    }
    table.resume = { stream, way in
        guard let header = liveHeader(stream), let way = direction(way) else { return }
        let slot = Int(header.pointee.slot)
        header.pointee.stream.takeUnretainedValue().resume(way, by: slot)
    }
    table.clear_route = { stream in
        guard let header = liveHeader(stream) else { return }
        header.pointee.stream.takeUnretainedValue().clearRoute()
    }
    table.limit_buffer = { stream, way, bytes in
        guard let header = liveHeader(stream) else { return wrongPhase }
        guard let way = direction(way) else { return badArgument }
        header.pointee.stream.takeUnretainedValue().limitBuffer(way, to: bytes)
        return ok
    }
    return table
}

func anyStreamInterface() -> postern_stream_interface {
    var table = postern_stream_interface()
    table.size = MemoryLayout<postern_stream_interface>.size
    table.id = { stream in
        guard let header = liveHeader(stream) else { return 0 }
        if header.pointee.id == 0 { header.pointee.id = StreamDirectory.shared.register(header) }
        return header.pointee.id
    }
    table.post = { id, work, user, release in
        let posted = PostedCall(work: work, user: user, release: release)
        StreamDirectory.shared.post(id, posted)
    }
    return table
}
