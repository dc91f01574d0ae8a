/// What an adapter says of records that it has taken.
public struct DeliveryPromise: Sendable, Hashable {
    let isNoticed: Bool
    let isOnce: Bool

    /// They may be lost without anybody noticing, as over UDP or without acknowledgements.
    public static let bestEffort = Self(isNoticed: false, isOnce: false)
    /// They are there; after a failure some may be there twice.
    public static let atLeastOnce = Self(isNoticed: true, isOnce: false)
    /// They are there once: what a failed report has passed on is taken back, or recognised.
    public static let exactlyOnce = Self(isNoticed: true, isOnce: true)
}

/// How ``AdapterSuite`` looks at an adapter's backend, and takes it away.
public struct AdapterBackend {
    let promise: DeliveryPromise
    let arrived: () throws -> [String]
    let outage: (stop: () throws -> Void, start: () throws -> Void)?

    /// A backend that is there from the beginning.
    ///
    /// - Parameters:
    ///   - promise: What the adapter says of records that it has taken.
    ///   - arrived: What the backend has until now: one text a record, in any form in which texts of the
    ///     record can be found.
    ///   - stop: Takes it away: what connects to it fails at once.
    ///   - start: Brings it back where it was, with all it had.
    public init(
        _ promise: DeliveryPromise = .atLeastOnce, arrived: @escaping () throws -> [String],
        stop: @escaping () throws -> Void, start: @escaping () throws -> Void
    ) {
        self.promise = promise
        self.arrived = arrived
        self.outage = (stop, start)
    }

    /// A backend that cannot go away.
    public init(_ promise: DeliveryPromise = .atLeastOnce, arrived: @escaping () throws -> [String]) {
        self.promise = promise
        self.arrived = arrived
        self.outage = nil
    }
}
