public import CPosternABI

/// What every hook can do with its connection, besides what ``HTTPStream`` has.
public protocol NetworkConnection: HTTPStream, ~Copyable {}

extension NetworkConnection where Self: ~Copyable {
    /// Sends bytes of the filter's own; no filter sees them.
    ///
    /// - Parameter direction: ``StreamDirection/request``: to the service; ``StreamDirection/response``: to
    ///   the client.
    /// - Returns: false when that way has ended, or no service has been asked yet.
    @discardableResult
    public mutating func write(_ direction: StreamDirection, _ bytes: Span<UInt8>) -> Bool {
        let call = self._call
        return withBytes(bytes) {
            call.services.pointee.network?.pointee.write(call.stream, direction.rawValue, $0) == 0
        }
    }

    /// As ``write(_:_:)`` with a text.
    @discardableResult
    public mutating func write(_ direction: StreamDirection, _ text: String) -> Bool {
        let call = self._call
        return withBytes(text) {
            call.services.pointee.network?.pointee.write(call.stream, direction.rawValue, $0) == 0
        }
    }

    /// Closes the connection, both sides, once the present hook has returned.
    ///
    /// - Parameter details: Why, for the access log: lower-case words joined by "_".
    public mutating func close(details: String) {
        let call = self._call
        withBytes(details) { call.services.pointee.network?.pointee.close(call.stream, $0) }
    }

    /// Sends the connection to `service` in place of the rule's.
    ///
    /// - Returns: false when one has been asked already; see ``NetworkAction/more``.
    @discardableResult
    public mutating func choose(_ service: Service) -> Bool {
        let call = self._call
        return call.services.pointee.network?.pointee.choose_service(call.stream, service.id) == 0
    }
}

/// A connection that has just been made, for the length of one hook.
public struct NewConnection: NetworkConnection, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall

    @inlinable
    init(_ call: StreamCall) { self._call = call }
}

/// Bytes that one side of a connection has sent, for the length of one hook.
public struct ConnectionData: NetworkConnection, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall
    /// Whose bytes they are: ``StreamDirection/request``: the client's; ``StreamDirection/response``: the
    /// service's.
    public let direction: StreamDirection

    @inlinable
    init(_ call: StreamCall, _ direction: StreamDirection) {
        self._call = call
        self.direction = direction
    }

    /// The bytes, without a copy.
    @inlinable public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            var found = postern_bytes()
            _ = self._call.services.pointee.network?.pointee.data(self._call.stream, &found)
            return _overrideLifetime(found.span, borrowing: self)
        }
    }

    /// Passes on `bytes` instead, of any length.
    public mutating func replace(with bytes: Span<UInt8>) {
        let call = self._call
        _ = withBytes(bytes) { call.services.pointee.network?.pointee.replace_data(call.stream, $0) }
    }

    /// As ``replace(with:)`` with a text.
    public mutating func replace(with text: String) {
        let call = self._call
        _ = withBytes(text) { call.services.pointee.network?.pointee.replace_data(call.stream, $0) }
    }
}

/// A connection that is over: attributes can be read, nothing can be changed.
public struct EndedConnection: HTTPStream, ~Copyable {
    /// For the SDK.
    public let _call: StreamCall

    @inlinable
    init(_ call: StreamCall) { self._call = call }
}

/// Of a connection, work that was posted or waited for may write and close as hooks do.
extension ResumedStream: NetworkConnection {}
