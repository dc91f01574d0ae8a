public import CPosternABI

/// What a hook wants to happen next.
public struct FilterAction: HookResult, Sendable, Hashable {
    @usableFromInline let code: postern_http_action

    @inlinable
    init(_ code: Int) { self.code = postern_http_action(code) }

    /// Go on with the next filter.
    @inlinable public static var `continue`: Self { Self(0) }
    /// Stop in this direction until ``ResumedStream/resume(_:)``; the peer feels it as backpressure.
    ///
    /// A filter that does not go on within the listener's `timeouts.body` (60 s) fails the request: 504.
    @inlinable public static var pause: Self { Self(1) }
    /// From a head hook: show the body hook the whole body in one call, before the head goes on.
    @inlinable public static var buffer: Self { Self(2) }
    /// What `respond` returns.
    @inlinable static var responded: Self { Self(3) }
    /// The filter failed: the client gets 500. The same as throwing an error, without a line in the log.
    @inlinable public static var failed: Self { Self(4) }

    /// Itself.
    @inlinable public var action: FilterAction { self }
}

/// What a hook may return: ``FilterAction``. ``NotImplemented`` marks a hook that the filter does not have.
public protocol HookResult: Sendable {
    /// What the host is told.
    var action: FilterAction { get }
}

/// The result of a hook that the filter does not have; such a hook is never called.
public struct NotImplemented: HookResult {
    init() {}

    /// Go on.
    public var action: FilterAction { .continue }
}
