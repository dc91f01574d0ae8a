/// A moment in a stream's life at which a filter may be called.
public enum FilterPhase: UInt8, Sendable, CaseIterable {
    case requestHead, requestBody, requestTrailers
    case responseHead, responseBody, responseTrailers
    case complete

    /// Which message it is about; ``complete`` is about both and counts as the response's.
    public var direction: StreamDirection {
        self.rawValue <= FilterPhase.requestTrailers.rawValue ? .request : .response
    }

    /// The label of the hook that a ``NetworkFilter`` has in this place; nil: none.
    public var networkName: StaticString? {
        switch self {
        case .requestHead: "new_connection"
        case .requestBody: "client_data"
        case .responseBody: "service_data"
        case .complete: "complete"
        case .requestTrailers, .responseHead, .responseTrailers: nil
        }
    }

    /// The label in metrics and messages.
    public var name: StaticString {
        switch self {
        case .requestHead: "request_head"
        case .requestBody: "request_body"
        case .requestTrailers: "request_trailers"
        case .responseHead: "response_head"
        case .responseBody: "response_body"
        case .responseTrailers: "response_trailers"
        case .complete: "complete"
        }
    }
}

/// The phases a filter takes part in; a hook outside the set is never called and costs nothing.
public struct FilterPhases: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
    @inlinable public init(_ phase: FilterPhase) { self.rawValue = 1 << phase.rawValue }

    @inlinable
    public func contains(_ phase: FilterPhase) -> Bool { self.rawValue & (1 << phase.rawValue) != 0 }
}

/// One of the two ways through a stream.
public enum StreamDirection: UInt8, Sendable {
    case request, response
}

/// What a filter wants to happen after one of its hooks.
public enum FilterAction: UInt8, Sendable {
    /// Go on to the next filter.
    case `continue`
    /// Stop here, in this direction, until ``FilterStream/resume(_:by:)``. What arrives meanwhile is not
    /// read: the peer feels it as backpressure.
    case pause
    /// From a head hook: collect the whole body first. The body hook is then called once, with all of it and
    /// `endOfStream`, before the head goes on; also when the head ended the stream, so that the hook can make
    /// a body. A body over the host's limit is answered 413, or 502 in a response.
    case buffer
    /// The filter answered with ``FilterStream/respond(_:)``; the request goes no further.
    case responded
    /// The filter failed; the host answers 500, or resets what has begun, and counts an error.
    case failed
}
