public import CPosternABI

/// A response's head, for the length of one hook.
public struct ResponseHead: FieldSection, RespondingStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall
    /// For the SDK.
    @inlinable public var _section: UInt32 { 1 }

    @inlinable
    init(_ call: StreamCall) { self._call = call }

    /// The status, 200...599.
    @inlinable public var status: Int { Int(self.headers.pointee.status(self._call.stream)) }

    /// Replaces the status.
    public mutating func setStatus(_ status: Int) throws(FieldError) {
        let result = self.headers.pointee.set_status(self._call.stream, UInt32(clamping: status))
        if result != 0 { throw FieldError(result) }
    }

    /// Announces that body hooks will change the length of the response's body.
    public mutating func willChangeBody() {
        _ = self._call.services.pointee.stream.pointee.will_change_body(self._call.stream, 1)
    }

    /// How much of the body ``FilterAction/buffer`` may collect, in bytes; 1 MiB otherwise.
    ///
    /// A longer body is answered 502.
    public mutating func limitBuffer(to bytes: Int) {
        _ = self._call.services.pointee.stream.pointee.limit_buffer(self._call.stream, 1, max(bytes, 0))
    }
}
