public import Primitives

/// What a network filter wants to happen after one of its hooks.
public enum NetworkAction: UInt8, Sendable {
    /// Pass on what it was shown.
    case `continue`
    /// Keep it: show it again with more behind it. Of a new connection: ask no service before bytes of the
    /// client have passed this filter.
    case more
    /// Keep it, and read nothing more in this direction until ``FilterStream/resume(_:by:)``.
    case pause
    /// Close the connection, both sides.
    case close
    /// The filter failed: the connection is reset and an error counted.
    case failed
}

/// What runs at one place of a chain of TCP connections, in one worker.
///
/// It is opened, closed and told of the end as every ``Filter`` is; its stream is a ``NetworkStream``. A hook
/// outside ``Filter/phases`` is not called: `requestHead` there means ``connected(_:_:)``, `requestBody` and
/// `responseBody` mean ``data(_:_:_:endOfStream:)`` of the client and of the service.
open class NetworkFilter: Filter {
    /// A client has connected; no service has been asked yet.
    open func connected(_ stream: NetworkStream, _ slot: FilterSlot) -> NetworkAction { .continue }

    /// Bytes have come, in ``FilterStream/body``; ``FilterStream/replaceBody(_:)`` passes others on.
    ///
    /// - Parameters:
    ///   - direction: `request`: the client's bytes; `response`: the service's.
    ///   - endOfStream: That side sends nothing more.
    open func data(
        _ stream: NetworkStream, _ slot: FilterSlot, _ direction: StreamDirection, endOfStream: Bool
    ) -> NetworkAction { .continue }
}

/// A TCP connection, as its filters see it: a stream without heads, whose attributes tell who the client is.
open class NetworkStream: FilterStream {
    /// Sends bytes of a filter's own behind what has passed in that direction; no filter sees them.
    ///
    /// - Parameter direction: `request`: to the service; `response`: to the client.
    /// - Returns: false when that way has ended, or does not lead anywhere yet.
    open func write(_ direction: StreamDirection, _ bytes: ByteView) -> Bool { false }

    /// Closes the connection, both sides, once the present hook has returned.
    ///
    /// - Parameter details: Why, for the access log: lower-case words joined by "_".
    open func closeConnection(details: String) {}

    /// Sends the connection to the service of that name, in place of the rule's.
    ///
    /// - Returns: false when one has been asked already, or there is none of that name.
    open func choose(service: String) -> Bool { false }
}
