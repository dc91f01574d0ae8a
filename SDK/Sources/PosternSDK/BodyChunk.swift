public import CPosternABI

/// Bytes of a body, for the length of one hook.
public struct BodyChunk: RespondingStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall

    @inlinable
    init(_ call: StreamCall) { self._call = call }

    /// The bytes, without a copy.
    @inlinable public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            var found = postern_bytes()
            _ = self._call.services.pointee.stream.pointee.body(self._call.stream, &found)
            return _overrideLifetime(found.span, borrowing: self)
        }
    }

    /// Passes on `bytes` instead; none to swallow the chunk.
    ///
    /// The length may differ only after `willChangeBody()` in the head hook, or with ``FilterAction/buffer``.
    public mutating func replace(with bytes: Span<UInt8>) {
        _ = withBytes(bytes) {
            self._call.services.pointee.stream.pointee.replace_body(self._call.stream, $0)
        }
    }

    /// Lends the trailers that follow this body.
    ///
    /// They are there in the hook that is shown the body's end after `willChangeBody()`; before, and when
    /// none follow, there are no fields. What is removed here is removed for the trailers' hook, too.
    ///
    /// - Parameter direction: The message whose body this is.
    public mutating func withTrailers<Result>(
        _ direction: StreamDirection, _ body: (inout Trailers) throws -> Result
    ) rethrows -> Result {
        var trailers = Trailers(self._call, section: direction == .request ? 2 : 3)
        return try body(&trailers)
    }

    /// As ``replace(with:)`` with a text.
    public mutating func replace(with text: String) {
        _ = withBytes(text) { self._call.services.pointee.stream.pointee.replace_body(self._call.stream, $0) }
    }
}
