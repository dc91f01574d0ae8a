package import PluginNet
internal import PluginSupport

/// HTTP clients of one server for several threads: each call has one to itself.
package final class ClientPool: Sendable {
    /// A client that one thread has at a time.
    private final class Entry: @unchecked Sendable {
        // SAFETY: who has taken it out of `idle` is the only one that touches it, until it is given back.
        var client: HTTPClient
        init(_ client: HTTPClient) { self.client = client }
    }

    private let idle = Lock<[Entry]>([])
    private let make: @Sendable () -> HTTPClient

    /// - Parameter make: Makes a client, when all are in use.
    package init(_ make: @escaping @Sendable () -> HTTPClient) { self.make = make }

    /// Runs `body` with a client, and keeps its connection for later.
    ///
    /// - Throws: ``NetError`` of `body`; then the connection is not kept.
    package func send(
        _ body: (inout HTTPClient) throws(NetError) -> HTTPAnswer
    ) throws(NetError) -> HTTPAnswer {
        let entry = self.idle.withLock { $0.popLast() } ?? Entry(self.make())
        let answer = try body(&entry.client)
        self.idle.withLock { $0.append(entry) }
        return answer
    }
}
