internal import Primitives

/// A configured name (listener, route, service) as a number that holds for the life of the process.
///
/// An exchange record carries these instead of references into a snapshot, so it can be read after the
/// snapshot is gone.
public struct NameID: Sendable, Hashable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No name: no route matched, no service was picked.
    public static let none = NameID(rawValue: 0)
}

/// Gives every name a number, the same for the same name, across reloads.
///
/// Names are never dropped: their number is bounded by what was ever configured, and by ``limit``.
public final class NameTable: Sendable {
    private struct State {
        var names: [String] = [""]
        var numbers: [String: UInt32] = ["": 0]
    }
    private let state = Lock(State())

    /// The most names; numbers fit 18 bits, as ``RequestMetrics`` packs them.
    public static let limit = 1 << 18

    public init() {}

    /// The number of `name`. Called while a snapshot is compiled, never for a request: locks and allocates.
    ///
    /// - Returns: ``NameID/none`` for an empty name and past ``limit``.
    public func intern(_ name: String) -> NameID {
        self.state.withLock { state in
            if let known = state.numbers[name] { return NameID(rawValue: known) }
            guard state.names.count < Self.limit else { return .none }
            let number = UInt32(state.names.count)
            state.names.append(name)
            state.numbers[name] = number
            return NameID(rawValue: number)
        }
    }

    /// The name behind a number; empty for ``NameID/none`` and numbers never given. Takes a short lock.
    public func name(_ id: NameID) -> String {
        self.state.withLock { Int(id.rawValue) < $0.names.count ? $0.names[Int(id.rawValue)] : "" }
    }
}
