internal import Foundation
internal import Synchronization

/// Clients that ask again and again, each on one connection of its own, until they are told to stop.
///
/// A client writes `depth` requests at once and then reads their responses: 1 is keep-alive, more is
/// pipelining.
public final class LoadGenerator: Sendable {
    /// What the clients met.
    public struct Result: Sendable {
        /// Responses with the status expected.
        public var answered = 0
        /// Everything else: other statuses, resets, connections that ended.
        public var failures: [String] = []
        /// The time of each response since its request was written, in nanoseconds; only of unpipelined ones.
        public var waits: [UInt64] = []

        /// The wait that all but one in a hundred did not exceed, in milliseconds.
        public var waitP99: Double {
            let sorted = self.waits.sorted()
            return sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, sorted.count * 99 / 100)]) / 1e6
        }
    }

    /// Requests of one client at most, so that a test that hangs ends.
    private static let limit = 200_000

    private let result = Mutex(Result())
    private let running: Mutex<Int>
    private let isStopping = Atomic<Bool>(false)

    /// - Parameters:
    ///   - depths: One client for each.
    ///   - check: Called with every response, on the clients' threads; a text is a failure.
    public init(
        _ address: String, depths: [Int], target: String = "/", fields: String = "",
        check: @escaping @Sendable (_ client: Int, RawMessage) -> String? = { _, _ in nil }
    ) throws {
        self.running = Mutex(depths.count)
        let request = "GET \(target) HTTP/1.1\r\nHost: example.com\r\n\(fields)\r\n"
        for (client, depth) in depths.enumerated() {
            let connection = try RawConnection(to: address)
            Thread.detachNewThread { [self] in
                self.run(connection, depth, request) { check(client, $0) }
                self.running.withLock { $0 -= 1 }
            }
        }
    }

    private func run(
        _ connection: RawConnection, _ depth: Int, _ request: String, _ check: (RawMessage) -> String?
    ) {
        let batch = String(repeating: request, count: depth)
        do {
            for _ in 0..<(Self.limit / depth) where !self.isStopping.load(ordering: .relaxed) {
                let start = DispatchTime.now().uptimeNanoseconds
                try connection.send(batch)
                for _ in 0..<depth {
                    let response = try connection.readResponse()
                    let wait = DispatchTime.now().uptimeNanoseconds - start
                    let failure = response.status == 200 ? check(response) : response.startLine
                    self.result.withLock { result in
                        if let failure { result.failures.append(failure) } else { result.answered += 1 }
                        if depth == 1 { result.waits.append(wait) }
                    }
                }
                connection.forgetReceived()
                // The machine has other work: what is under test is that requests never stop.
                usleep(500)
            }
        } catch {
            self.result.withLock { $0.failures.append("\(error)") }
        }
    }

    public var answered: Int { self.result.withLock { $0.answered } }

    /// Waits until each client has its last response.
    public func stop() -> Result {
        self.isStopping.store(true, ordering: .relaxed)
        eventually { self.running.withLock { $0 == 0 } }
        return self.result.withLock { $0 }
    }
}
