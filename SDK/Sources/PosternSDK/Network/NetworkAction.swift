public import CPosternABI

/// What a hook of a ``NetworkFilter`` wants to happen next.
public struct NetworkAction: Sendable, Hashable {
    @usableFromInline let code: postern_network_action

    @inlinable
    init(_ code: Int) { self.code = postern_network_action(code) }

    /// Pass on what was shown.
    @inlinable public static var `continue`: Self { Self(0) }
    /// Show these bytes again, with more behind them; at most 64 KiB. Of a new connection: ask no service
    /// before bytes of the client have passed this filter.
    @inlinable public static var more: Self { Self(1) }
    /// Keep it, and read nothing more in this direction, until ``ResumedStream/resume(_:)`` passes it on.
    @inlinable public static var pause: Self { Self(2) }
    /// Close the connection, both sides.
    @inlinable public static var close: Self { Self(3) }
    /// The filter failed: the connection is reset. The same as throwing an error, without a line in the log.
    @inlinable public static var failed: Self { Self(4) }
}
