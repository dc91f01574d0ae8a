/// A filter of the bytes of TCP connections, configured for one place of a listener's chain.
///
/// The value holds the configuration and is shared by all workers; what belongs to one connection is
/// ``ConnectionState``, which the host keeps beside it. Hooks run on the worker's thread and must not block.
/// What a hook can do besides (attributes, metrics, buckets, timers, callouts) is that of ``HTTPStream``.
public protocol NetworkFilter: Sendable {
    /// The plugin's configuration, decoded from what ``schema`` accepts.
    associatedtype Config: Decodable & Sendable
    /// What one connection needs between hooks; `Void` takes no room. At most 64 KiB, 16-byte aligned.
    associatedtype ConnectionState = Void

    /// The plugin's name in configurations, `[a-z0-9-]{1,64}`.
    static var name: String { get }
    /// The plugin's version, for people.
    static var version: String { get }
    /// JSON Schema (2020-12) of one configuration; see ``HTTPFilter/schema``.
    static var schema: String { get }

    /// Takes a configuration into use, or only checks it.
    ///
    /// - Throws: ``ConfigProblem`` with a JSON pointer, or any other error: the configuration is refused with
    ///   its text.
    init(config: Config, host: borrowing FilterHost) throws

    /// What a new connection begins with.
    func makeConnectionState() -> ConnectionState

    /// A client has connected; no service has been asked yet.
    ///
    /// - Returns: ``NetworkAction/continue``; or ``NetworkAction/more`` to choose the service by the client's
    ///   first bytes, or to let none be asked before they are known.
    /// - Throws: Any error: the connection is reset, the failure logged and counted.
    func newConnection(
        _ connection: inout NewConnection, _ state: inout ConnectionState
    ) throws -> NetworkAction

    /// Bytes have come from one side.
    ///
    /// - Parameter endOfStream: That side sends nothing more; the bytes may be none.
    /// - Returns: Any action.
    /// - Throws: Any error; see ``newConnection(_:_:)``.
    func data(
        _ data: inout ConnectionData, _ state: inout ConnectionState, endOfStream: Bool
    ) throws -> NetworkAction

    /// The connection is over, well or not; every attribute can be read.
    func complete(_ connection: inout EndedConnection, _ state: inout ConnectionState)
}

extension NetworkFilter where ConnectionState == Void {
    /// Nothing.
    @inlinable
    public func makeConnectionState() {}
}

extension NetworkFilter {
    /// Goes on.
    @inlinable
    public func newConnection(
        _ connection: inout NewConnection, _ state: inout ConnectionState
    ) throws -> NetworkAction { .continue }

    /// Nothing.
    @inlinable
    public func complete(_ connection: inout EndedConnection, _ state: inout ConnectionState) {}
}
