internal import CPosternABI

// The C side of every filter: functions without generic context that find their filter behind `config_plug`.

private let failed = postern_http_action(POSTERN_HTTP_FAILED)

func filterTable(hooks: ImplementedHooks, stateBytes: Int, hasState: Bool) -> postern_http_filter {
    var table = postern_http_filter()
    table.size = MemoryLayout<postern_http_filter>.size
    table.stream_state_bytes = hasState ? stateBytes : 0
    table.config_create = { filter, config, json, out in
        guard let filter, let config, let out else { return postern_status(POSTERN_BAD_ARGUMENT) }
        let whole = UnsafeRawPointer(filter).assumingMemoryBound(to: FilterTable.self)
        return createBox(whole.pointee.factory, config, json, out)
    }
    table.config_destroy = { config in destroyBox(config) }
    if hasState {
        table.stream_open = { config, _, _, state in openState(config, state) }
        table.stream_close = { config, _, _, state in closeState(config, state) }
    }
    if hooks.requestHead {
        table.request_head = { config, _, stream, state, flags in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.requestHead(stream, state, isEnd(flags)) }
                ?? failed
        }
    }
    if hooks.requestBody {
        table.request_body = { config, _, stream, state, flags in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.requestBody(stream, state, isEnd(flags)) }
                ?? failed
        }
    }
    if hooks.requestTrailers {
        table.request_trailers = { config, _, stream, state in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.requestTrailers(stream, state) } ?? failed
        }
    }
    if hooks.responseHead {
        table.response_head = { config, _, stream, state, flags in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.responseHead(stream, state, isEnd(flags)) }
                ?? failed
        }
    }
    if hooks.responseBody {
        table.response_body = { config, _, stream, state, flags in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.responseBody(stream, state, isEnd(flags)) }
                ?? failed
        }
    }
    if hooks.responseTrailers {
        table.response_trailers = { config, _, stream, state in
            guard let stream, let state else { return failed }
            return withBox(config) { (box: AnyFilterBox) in box.responseTrailers(stream, state) } ?? failed
        }
    }
    if hooks.complete {
        table.complete = { config, _, stream, state in complete(config, stream, state) }
    }
    return table
}
