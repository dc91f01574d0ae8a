/// A filter of HTTP requests and responses, configured for one place of a chain.
///
/// The value holds the configuration and is shared by all workers; what belongs to one request is
/// ``StreamState``, which the host keeps beside the request. Implement the hooks you need and no others: a
/// hook that is not implemented is never called. Hooks run on the worker's thread and must not block.
///
/// The `…Result` types are inferred from what you implement: never write them.
public protocol HTTPFilter: Sendable {
    /// The plugin's configuration, decoded from what ``schema`` accepts.
    associatedtype Config: Decodable & Sendable
    /// What one request needs between hooks; `Void` takes no room. At most 64 KiB, 16-byte aligned.
    associatedtype StreamState = Void

    /// The plugin's name in configurations, `[a-z0-9-]{1,64}`.
    static var name: String { get }
    /// The plugin's version, for people.
    static var version: String { get }
    /// JSON Schema (2020-12) of one configuration; the host checks it before ``init(config:host:)``.
    ///
    /// Properties marked `writeOnly` are secrets: the host resolves `{ file: }` and `{ env: }` and never
    /// prints them.
    static var schema: String { get }

    /// Takes a configuration into use, or only checks it.
    ///
    /// - Throws: ``ConfigProblem`` with a JSON pointer, or any other error: the configuration is refused with
    ///   its text.
    init(config: Config, host: borrowing FilterHost) throws

    /// What a new request begins with.
    func makeStreamState() -> StreamState

    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype RequestHeadResult: HookResult
    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype RequestBodyResult: HookResult
    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype RequestTrailersResult: HookResult
    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype ResponseHeadResult: HookResult
    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype ResponseBodyResult: HookResult
    /// ``FilterAction``, or ``NotImplemented``; inferred.
    associatedtype ResponseTrailersResult: HookResult
    /// `Void`, or ``NotImplemented``; inferred.
    associatedtype CompleteResult

    /// The request's header fields are complete.
    ///
    /// - Parameter endOfStream: There is no body and there are no trailers.
    /// - Returns: ``FilterAction/continue`` to go on; any action is allowed. Declare it `-> FilterAction`.
    /// - Throws: Any error; the client gets 500 and the failure is logged and counted.
    func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> RequestHeadResult

    /// Some bytes of the request's body, or all of them after ``FilterAction/buffer``.
    ///
    /// - Parameter endOfStream: Nothing follows; after `willChangeBody()`, no more body follows, though
    ///   trailers may.
    /// - Returns: Any action but ``FilterAction/buffer``. Declare it `-> FilterAction`.
    /// - Throws: Any error; see ``requestHead(_:_:endOfStream:)``.
    func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> RequestBodyResult

    /// The request's trailers, when it has some.
    ///
    /// - Returns: Declare it `-> FilterAction`.
    /// - Throws: Any error; see ``requestHead(_:_:endOfStream:)``.
    func requestTrailers(_ trailers: inout Trailers, _ state: inout StreamState) throws
        -> RequestTrailersResult

    /// The response's header fields are complete; informational (1xx) responses are not shown.
    ///
    /// - Returns: Any action. Declare it `-> FilterAction`.
    /// - Throws: Any error; the client gets 500, or a reset once the response has begun to leave.
    func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> ResponseHeadResult

    /// Some bytes of the response's body, or all of them after ``FilterAction/buffer``.
    ///
    /// - Parameter endOfStream: See ``requestBody(_:_:endOfStream:)``.
    /// - Returns: Any action but ``FilterAction/buffer``. Declare it `-> FilterAction`.
    /// - Throws: Any error; see ``responseHead(_:_:endOfStream:)``.
    func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> ResponseBodyResult

    /// The response's trailers, when it has some.
    ///
    /// - Returns: Declare it `-> FilterAction`.
    /// - Throws: Any error; see ``responseHead(_:_:endOfStream:)``.
    func responseTrailers(_ trailers: inout Trailers, _ state: inout StreamState) throws
        -> ResponseTrailersResult

    /// The exchange is over, well or not; every attribute can be read.
    func complete(_ exchange: inout Exchange, _ state: inout StreamState) -> CompleteResult
}

extension HTTPFilter where StreamState == Void {
    /// Nothing.
    @inlinable
    public func makeStreamState() {}
}

// A concrete hook wins over these when the result types are inferred (docs/decisions/0010), so the table of a
// filter has a pointer only where its author wrote a hook.
extension HTTPFilter {
    /// Not implemented; never called.
    public func requestHead(
        _ request: inout RequestHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func requestBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func requestTrailers(
        _ trailers: inout Trailers, _ state: inout StreamState
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func responseHead(
        _ response: inout ResponseHead, _ state: inout StreamState, endOfStream: Bool
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func responseBody(
        _ body: inout BodyChunk, _ state: inout StreamState, endOfStream: Bool
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func responseTrailers(
        _ trailers: inout Trailers, _ state: inout StreamState
    ) throws -> NotImplemented { NotImplemented() }

    /// Not implemented; never called.
    public func complete(_ exchange: inout Exchange, _ state: inout StreamState) -> NotImplemented {
        NotImplemented()
    }
}
