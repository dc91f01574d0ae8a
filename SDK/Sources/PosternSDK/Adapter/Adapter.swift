/// What stands between the gateway and one kind of backend: takes what instances made of requests and passes
/// it on, judges it, or counts it.
///
/// One value is one *handler*: one configuration of the adapter. It is shared by every thread that calls it,
/// so it is `Sendable`; what reports need from one to the next (a connection, an open file) is ``State``,
/// which one thread uses at a time.
///
/// Nothing here depends on where the handler runs. Do not reach for anything that only a proxy would have.
public protocol Adapter: Sendable {
    /// The adapter's configuration, decoded from what ``schema`` accepts.
    associatedtype Config: Decodable & Sendable
    /// What ``report(_:_:)`` keeps from call to call; used by one thread at a time.
    associatedtype State = Void

    /// The adapter's name in configurations, `[a-z0-9-]{1,64}`.
    static var name: String { get }
    /// The adapter's version, for people.
    static var version: String { get }
    /// JSON Schema (2020-12) of one configuration; see ``HTTPFilter/schema``.
    static var schema: String { get }
    /// What it takes.
    static var templates: Templates { get }
    /// Whether ``check(_:)``, ``quota(_:_:)`` and ``generate(_:_:)`` may wait for something. They run on the
    /// threads that serve requests when not, and then never may.
    static var isBlocking: Bool { get }
    /// What ``generate(_:_:)`` makes.
    static var outputs: [OutputColumn] { get }

    /// Takes a configuration into use, or only checks it: so it opens and connects to nothing.
    ///
    /// - Throws: ``ConfigProblem`` with a JSON pointer, or any other error: the configuration is refused with
    ///   its text.
    init(config: Config, host: borrowing AdapterHost) throws

    /// What the first report begins with.
    func makeState() -> State

    /// Takes records; may block.
    ///
    /// Records that were refused (``Batch/refuse(_:)``) are counted as lost; those that should come again are
    /// given back later (``Batch/giveAgain(_:after:)``), as all are when this throws: then none may have been
    /// taken.
    ///
    /// - Throws: Any error; its text is logged and shown as the handler's last problem. ``ReportFailure``
    ///   says how long the backend wants to be left alone.
    func report(_ batch: borrowing Batch, _ state: inout State) throws

    /// Called between reports, at the latest a second after the last call; may block.
    func tick(_ state: inout State)

    /// Opens files again that were moved away.
    func reopen(_ state: inout State)

    /// Judges a request.
    ///
    /// - Throws: Any error: what the rule says of failures happens.
    func check(_ record: Record) throws -> Verdict

    /// Grants some of an amount.
    ///
    /// - Throws: Any error: what the rule says of failures happens.
    func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant

    /// Makes attributes, one for each of ``outputs``; what is not set stays absent.
    ///
    /// - Throws: Any error: none of the attributes is there.
    func generate(_ record: Record, _ outputs: inout Outputs) throws
}

/// A hook that a declared template needs was not written.
struct HookMissing: Error, CustomStringConvertible {
    let hook: StaticString
    var description: String { "the adapter does not implement \(self.hook)" }
}

extension Adapter where State == Void {
    /// Nothing.
    public func makeState() {}
}

extension Adapter {
    /// It never waits.
    public static var isBlocking: Bool { false }
    /// None.
    public static var outputs: [OutputColumn] { [] }
    /// Refuses, for adapters that report nothing.
    public func report(_ batch: borrowing Batch, _ state: inout State) throws {
        throw HookMissing(hook: "report")
    }
    /// Nothing.
    public func tick(_ state: inout State) {}
    /// Nothing.
    public func reopen(_ state: inout State) {}
    /// Fails, for adapters that judge nothing.
    public func check(_ record: Record) throws -> Verdict { throw HookMissing(hook: "check") }
    /// Fails, for adapters without quotas.
    public func quota(_ record: Record, _ request: QuotaRequest) throws -> QuotaGrant {
        throw HookMissing(hook: "quota")
    }
    /// Fails, for adapters that make no attributes.
    public func generate(_ record: Record, _ outputs: inout Outputs) throws {
        throw HookMissing(hook: "generate")
    }
}
