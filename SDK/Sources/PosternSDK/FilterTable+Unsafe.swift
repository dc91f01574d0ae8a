internal import CPosternABI

// The C side of every filter: functions without generic context that find their filter behind `config_plug`.

// SAFETY: postern_http_filter.h: the host passes back the `config_plug` that `create` made, until
// config_destroy, and `state_host` that has `stream_state_bytes` bytes, from stream_open to stream_close.
@inline(__always)
private func with<Result>(_ config: UnsafeMutableRawPointer?, _ body: (AnyFilterBox) -> Result) -> Result? {
    guard let config else { return nil }
    return Unmanaged<AnyFilterBox>.fromOpaque(config)._withUnsafeGuaranteedRef(body)
}

private let failed = postern_action(POSTERN_FAILED)

func filterTable(hooks: ImplementedHooks, stateBytes: Int, hasState: Bool) -> postern_http_filter {
    var table = postern_http_filter()
    table.size = MemoryLayout<postern_http_filter>.size
    table.stream_state_bytes = hasState ? stateBytes : 0
    table.config_create = { filter, config, json, out in
        guard let filter, let config, let out else { return postern_status(POSTERN_BAD_ARGUMENT) }
        let whole = UnsafeRawPointer(filter).assumingMemoryBound(to: FilterTable.self)
        let factory = whole.pointee.factory.takeUnretainedValue()
        let bytes = Array(UnsafeBufferPointer(start: json.ptr, count: json.len))
        guard let box = factory.make(bytes, config) else { return postern_status(POSTERN_FAILURE) }
        out.pointee = Unmanaged.passRetained(box).toOpaque()
        return postern_status(POSTERN_OK)
    }
    table.config_destroy = { config in
        if let config { Unmanaged<AnyFilterBox>.fromOpaque(config).release() }
    }
    if hasState {
        table.stream_open = { config, _, _, state in
            guard let state else { return }
            with(config) { $0.open(state) }
        }
        table.stream_close = { config, _, _, state in
            guard let state else { return }
            with(config) { $0.close(state) }
        }
    }
    if hooks.requestHead {
        table.request_head = { config, _, stream, state, end in
            guard let stream, let state else { return failed }
            return with(config) { $0.requestHead(stream, state, end != 0) } ?? failed
        }
    }
    if hooks.requestBody {
        table.request_body = { config, _, stream, state, end in
            guard let stream, let state else { return failed }
            return with(config) { $0.requestBody(stream, state, end != 0) } ?? failed
        }
    }
    if hooks.requestTrailers {
        table.request_trailers = { config, _, stream, state in
            guard let stream, let state else { return failed }
            return with(config) { $0.requestTrailers(stream, state) } ?? failed
        }
    }
    if hooks.responseHead {
        table.response_head = { config, _, stream, state, end in
            guard let stream, let state else { return failed }
            return with(config) { $0.responseHead(stream, state, end != 0) } ?? failed
        }
    }
    if hooks.responseBody {
        table.response_body = { config, _, stream, state, end in
            guard let stream, let state else { return failed }
            return with(config) { $0.responseBody(stream, state, end != 0) } ?? failed
        }
    }
    if hooks.responseTrailers {
        table.response_trailers = { config, _, stream, state in
            guard let stream, let state else { return failed }
            return with(config) { $0.responseTrailers(stream, state) } ?? failed
        }
    }
    if hooks.complete {
        table.complete = { config, _, stream, state in
            guard let stream, let state else { return }
            with(config) { $0.complete(stream, state) }
        }
    }
    return table
}
