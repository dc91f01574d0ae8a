public import CPosternABI

/// A configured filter behind a C pointer: one indirect call leads to the specialised code of `FilterBox`.
@usableFromInline
class AnyFilterBox: AnyStreamBox {
    @usableFromInline
    override init(_ services: UnsafePointer<Services>, _ config: OpaquePointer) {
        super.init(services, config)
    }

    @usableFromInline
    func requestHead(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool)
        -> postern_http_action
    { 0 }
    @usableFromInline
    func requestBody(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool)
        -> postern_http_action
    { 0 }
    @usableFromInline
    func requestTrailers(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) -> postern_http_action {
        0
    }
    @usableFromInline
    func responseHead(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool)
        -> postern_http_action
    { 0 }
    @usableFromInline
    func responseBody(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool)
        -> postern_http_action
    { 0 }
    @usableFromInline
    func responseTrailers(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) -> postern_http_action {
        0
    }
}

@usableFromInline
final class FilterBox<Filter: HTTPFilter>: AnyFilterBox {
    // SAFETY: the host passes the same `state` for one stream, initialised in `open` and deinitialised in
    // `close`; a filter with `Void` state has no bytes to touch.
    @usableFromInline let filter: Filter

    @inlinable
    init(_ services: UnsafePointer<Services>, _ config: OpaquePointer, _ filter: Filter) {
        self.filter = filter
        super.init(services, config)
    }

    @inlinable
    override func open(_ state: UnsafeMutableRawPointer) {
        state.initializeMemory(as: Filter.StreamState.self, to: self.filter.makeStreamState())
    }

    @inlinable
    override func close(_ state: UnsafeMutableRawPointer) {
        state.assumingMemoryBound(to: Filter.StreamState.self).deinitialize(count: 1)
    }

    @inlinable
    override func requestHead(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool
    ) -> postern_http_action {
        var head = RequestHead(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.requestHead(&head, &state.pointee, endOfStream: end).action.code } catch {
            return self.failed(error, "requestHead")
        }
    }

    @inlinable
    override func requestBody(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool
    ) -> postern_http_action {
        var body = BodyChunk(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.requestBody(&body, &state.pointee, endOfStream: end).action.code } catch {
            return self.failed(error, "requestBody")
        }
    }

    @inlinable
    override func requestTrailers(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer)
        -> postern_http_action
    {
        var trailers = Trailers(StreamCall(self.services, stream), section: 2)
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.requestTrailers(&trailers, &state.pointee).action.code } catch {
            return self.failed(error, "requestTrailers")
        }
    }

    @inlinable
    override func responseHead(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool
    ) -> postern_http_action {
        var head = ResponseHead(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.responseHead(&head, &state.pointee, endOfStream: end).action.code } catch
        {
            return self.failed(error, "responseHead")
        }
    }

    @inlinable
    override func responseBody(
        _ stream: OpaquePointer, _ state: UnsafeMutableRawPointer, _ end: Bool
    ) -> postern_http_action {
        var body = BodyChunk(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.responseBody(&body, &state.pointee, endOfStream: end).action.code } catch
        {
            return self.failed(error, "responseBody")
        }
    }

    @inlinable
    override func responseTrailers(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer)
        -> postern_http_action
    {
        var trailers = Trailers(StreamCall(self.services, stream), section: 3)
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        do { return try self.filter.responseTrailers(&trailers, &state.pointee).action.code } catch {
            return self.failed(error, "responseTrailers")
        }
    }

    @inlinable
    override func complete(_ stream: OpaquePointer, _ state: UnsafeMutableRawPointer) {
        var exchange = Exchange(StreamCall(self.services, stream))
        let state = state.assumingMemoryBound(to: Filter.StreamState.self)
        _ = self.filter.complete(&exchange, &state.pointee)
    }
}
