public import CPosternABI

/// A request's head, for the length of one hook.
public struct RequestHead: FieldSection, RespondingStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall
    /// For the SDK.
    @inlinable public var _section: UInt32 { 0 }

    @inlinable
    init(_ call: StreamCall) { self._call = call }

    /// `GET`, `POST`, …
    @inlinable public var method: Span<UInt8> {
        @_lifetime(borrow self) get { _overrideLifetime(self.pseudo(256), borrowing: self) }
    }

    /// `http` or `https`.
    @inlinable public var scheme: Span<UInt8> {
        @_lifetime(borrow self) get { _overrideLifetime(self.pseudo(257), borrowing: self) }
    }

    /// Host and port as the client named them.
    @inlinable public var authority: Span<UInt8> {
        @_lifetime(borrow self) get { _overrideLifetime(self.pseudo(258), borrowing: self) }
    }

    /// Path and query, normalised.
    @inlinable public var path: Span<UInt8> {
        @_lifetime(borrow self) get { _overrideLifetime(self.pseudo(259), borrowing: self) }
    }

    @inlinable
    @_lifetime(borrow self)
    borrowing func pseudo(_ id: UInt32) -> Span<UInt8> {
        var found = postern_bytes()
        _ = self.headers.pointee.get(self._call.stream, 0, id, &found)
        return _overrideLifetime(found.span, borrowing: self)
    }

    /// Replaces path and query; call ``clearRoute()`` when the route should follow.
    public mutating func setPath(_ path: String) throws(FieldError) {
        try self.setHeader(HeaderName(259), path)
    }

    /// Replaces host and port; call ``clearRoute()`` when the route should follow.
    public mutating func setAuthority(_ authority: String) throws(FieldError) {
        try self.setHeader(HeaderName(258), authority)
    }

    /// Resolves the route again at next need, because what it depends on was changed.
    public mutating func clearRoute() {
        self._call.services.pointee.stream.pointee.clear_route(self._call.stream)
    }

    /// How much of the body ``FilterAction/buffer`` may collect, in bytes; 1 MiB otherwise.
    ///
    /// A longer body is answered 413.
    public mutating func limitBuffer(to bytes: Int) {
        _ = self._call.services.pointee.stream.pointee.limit_buffer(self._call.stream, 0, max(bytes, 0))
    }

    /// Announces that body hooks will change the length of the request's body.
    public mutating func willChangeBody() {
        _ = self._call.services.pointee.stream.pointee.will_change_body(self._call.stream, 0)
    }
}
